import { describe, expect, it } from 'vitest';
import { innovationRoutes, observerRoutes, routesOf } from '../../../actors/oona/routes.ts';
import { topicMatcher } from '../../../actors/oona/topics.ts';
import { TOPIC_OF_NEWS, TOPICS } from '../../../contracts/index.ts';

const paths = { karn: 'karn', tezzeret: 'tezzeret', urabrask: 'urabrask', urza: 'urza', nissa: 'nissa' };
const routes = [...innovationRoutes(paths), ...observerRoutes(paths.nissa)];
const listenersOf = (topic: string) =>
  routes.filter(({ pattern }) => topicMatcher(pattern)(topic)).map(({ to }) => to);

/** A question is answered, its answer goes to whoever asked, samples to whoever tunes: they listen for as long as it takes. */
const ON_DEMAND: readonly string[] = [TOPICS.catalogueWanted, TOPICS.catalogueReady, TOPICS.taskFeedback];

describe('the standard routes', () => {
  it.each(Object.entries(TOPIC_OF_NEWS))('let Nissa hear %s', (_, topic) => {
    expect(listenersOf(topic)).toContain('nissa');
  });

  it.each(Object.values(TOPICS))('bring each message on %s to a listener once', (topic) => {
    const listeners = listenersOf(topic);

    expect(new Set(listeners).size).toBe(listeners.length);
    expect(listeners.length > 0).toBe(!ON_DEMAND.includes(topic));
  });

  it('of one unit are its rows of the whole table, under its own queue', () => {
    const karn = routesOf('karn', 'somewhere/karn');

    expect(karn).toEqual(
      routes.filter(({ to }) => to === 'karn').map((route) => ({ ...route, to: 'somewhere/karn' })),
    );
    expect(new Set(karn.map(({ queue }) => queue))).toEqual(new Set(['karn']));
  });
});
