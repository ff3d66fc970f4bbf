/** Draws a machine as a Mermaid state diagram, so that the picture in the documentation is the machine itself. */
import type { AnyStateMachine } from 'xstate';

/**
 * Text of a `stateDiagram-v2`: every state, every step with its event and guard, tags as notes.
 * Flat machines only, which all machines of this project are.
 */
export function draw(machine: AnyStateMachine): string {
  const lines = ['stateDiagram-v2'];
  const states = Object.values(machine.states);
  for (const state of states) {
    if (machine.config.initial === state.key) lines.push(`  [*] --> ${state.key}`);
    for (const step of [...state.transitions.values()].flat()) {
      const guard = nameOf(step.guard);
      const to = step.target?.[0]?.key ?? state.key;
      lines.push(`  ${state.key} --> ${to}: ${step.eventType}${guard === '' ? '' : ` [${guard}]`}`);
    }
    if (state.type === 'final') lines.push(`  ${state.key} --> [*]`);
    if (state.tags.length > 0)
      lines.push(`  note right of ${state.key}: ${[...state.tags].sort().join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A page with a heading and a diagram for each machine. */
export function drawPage(machines: Readonly<Record<string, AnyStateMachine>>): string {
  const drawn = Object.entries(machines).map(
    ([title, machine]) => `## ${title}\n\n\`\`\`mermaid\n${draw(machine)}\`\`\`\n`,
  );
  return [
    '# Machines\n',
    'Generated from `machines/` by `npm run docs`. Words in brackets are guards, notes are tags: the questions one may ask.\n',
    ...drawn,
  ].join('\n');
}

const nameOf = (guard: unknown): string =>
  typeof guard === 'string' ? guard : ((guard as { type?: string } | undefined)?.type ?? '');
