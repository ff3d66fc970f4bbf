/** What a unit's actors can be told by name from anywhere: each message is checked before one of them gets it. */
import {
  BlueprintProposed,
  BlueprintQuarantined,
  BlueprintRejected,
  CatalogueRequested,
  type Contract,
  EsperError,
  FieldReport,
  KernelCharacterized,
  KernelCompiled,
  KernelReady,
  KernelsQueried,
  ProposalsMade,
  ProposalsWanted,
} from '../../contracts/index.ts';
import type { Ref } from '../../runtime/index.ts';
import type { Innovator } from './innovators.ts';
import type { UnitAnswer, UnitMail } from './unit-words.ts';

type Anything = { readonly type: string };
type Words = Pick<Contract, 'type' | 'parse'>;

const UNDERSTOOD: Readonly<Record<Innovator, readonly Words[]>> = {
  urza: [
    KernelsQueried,
    CatalogueRequested,
    ProposalsMade,
    BlueprintRejected,
    KernelCompiled,
    KernelCharacterized,
    BlueprintQuarantined,
  ],
  karn: [ProposalsWanted, FieldReport, BlueprintQuarantined],
  tezzeret: [BlueprintProposed],
  urabrask: [KernelReady],
};

/**
 * Hands a message to the first actor of the unit that understands it. Order is kept: it is in the mailbox before this returns.
 * @throws UNIT_MAIL_UNKNOWN, CONTRACT_VIOLATION, and what an ask may end with
 */
export async function deliverMail(
  { message, leftMs }: UnitMail,
  here: readonly Innovator[],
  refTo: (actor: Innovator) => Ref<Anything>,
): Promise<UnitAnswer> {
  for (const actor of here) {
    const words = UNDERSTOOD[actor].find(({ type }) => type === message.type);
    if (words === undefined) continue;
    const checked = words.parse(message);
    if (leftMs === null) return { answer: refTo(actor).send(checked) };
    try {
      return { answer: await refTo(actor).ask(checked, { withinMs: leftMs }) };
    } catch (thrown) {
      return refusalIn(thrown);
    }
  }
  throw new EsperError(
    'UNIT_MAIL_UNKNOWN',
    `no actor of this unit understands ${message.type}`,
    { type: message.type, actors: [...here] },
    { hint: 'send it to the unit it is for' },
  );
}

function refusalIn(thrown: unknown): UnitAnswer {
  if (!(thrown instanceof EsperError) || thrown.code !== 'ACTOR_REFUSED') throw thrown;
  const { refused, details } = thrown.details as { refused?: unknown; details?: unknown };
  return { refused: String(refused), details: (details ?? {}) as Record<string, unknown> };
}
