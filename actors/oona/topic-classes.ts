/** How much each topic matters, and so by which road it travels. */
import type { TopicClass, TopicRule } from '../../contracts/index.ts';
import { patternCovers, patternsMeet, topicMatcher } from './topics.ts';

/** Topics whose class is remembered: nobody has so many, but what arrives could be anything. */
const REMEMBERED = 4_096;

export class TopicClasses {
  readonly #rules: ReadonlyArray<TopicRule & { readonly fits: (topic: string) => boolean }>;
  readonly #known = new Map<string, TopicClass>();

  constructor(rules: readonly TopicRule[]) {
    this.#rules = rules.map((rule) => ({ ...rule, fits: topicMatcher(rule.pattern) }));
  }

  of(topic: string): TopicClass {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const found = this.#rules.find(({ fits }) => fits(topic))?.class ?? 'plain';
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(topic, found);
    return found;
  }

  /** May a topic of this pattern be critical? */
  someCritical(pattern: string): boolean {
    return this.#rules.some((rule) => rule.class === 'critical' && patternsMeet(rule.pattern, pattern));
  }

  /** Is every topic of this pattern certainly critical? */
  allCritical(pattern: string): boolean {
    return this.#rules.some((rule) => rule.class === 'critical' && patternCovers(rule.pattern, pattern));
  }
}
