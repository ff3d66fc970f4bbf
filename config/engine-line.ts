/** The first line of a run: what computes, in as many words as a person needs. */
import { describeRuntime, type TensorRuntime } from '../nn/index.ts';

/**
 * Short where nothing but the package itself is installed and nobody asked for anything else; else with the reasons for
 * this backend and against the others.
 */
export function engineLine(plan: string, runtime: TensorRuntime): string {
  const passed = runtime.tried.flatMap(({ whyNot }) => whyNot ?? []);
  const usual = passed.length > 0 && passed.every((whyNot) => whyNot.endsWith('not installed'));
  if (!usual) return `computes on ${fullLine(plan, runtime)}`;
  return `computes on the ${plan} plan (${runtime.device}); no GPU package: esper doctor --gpu`;
}

/** What computes and why, and why nothing else does. */
export const fullLine = (plan: string, runtime: TensorRuntime): string =>
  `${plan} plan on ${describeRuntime(runtime)}`;
