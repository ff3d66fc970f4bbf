/** The co-location group: what Tolaria, Kasmina and Tamiyo share by reference, and what they say to each other without a mailbox. */
import type {
  AdaptationDecision,
  CatalogueEntry,
  CommandedBy,
  CommandRefusal,
  CullReason,
  RunCommand,
  RunConfig,
  SeedState,
  SlotState,
  SystemStatePacket,
  TransitionRecord,
} from '../contracts/index.ts';
import type {
  CandidateDraw,
  CandidateScore,
  GrowingNetwork,
  StateArena,
  StepReport,
  TrainPlan,
} from '../nn/index.ts';

/** The tensors of one run. Made once per training host; every restart in place and every rollback keeps using it. */
export interface Workspace {
  readonly runId: string;
  readonly config: RunConfig;
  readonly network: GrowingNetwork;
  readonly plan: TrainPlan;
  /** What each step found, for whoever looks: Kasmina alone writes it. */
  readonly arena: StateArena;
  readonly catalogue: readonly CatalogueEntry[];
  readonly stepsPerEpoch: number;
  /** Steps between regular boundaries. */
  readonly stepsPerBoundary: number;
  readonly totalSteps: number;
}

/** Where training stands when it talks to its neighbours. */
export interface Moment {
  readonly boundary: number;
  readonly tick: number;
  readonly regular: boolean;
  readonly epoch: number;
  readonly step: number;
}

/** What an ablation or shadow pass found for one seed: validation losses with and without it. */
export interface SeedTrial {
  readonly seedId: string;
  readonly lossWith: number;
  readonly lossWithout: number;
}

/** A seed whose value must be measured before the boundary, and how. */
export interface TrialOrder {
  readonly seedId: string;
  readonly how: 'ablation' | 'shadow';
}

export interface Measurements {
  readonly validationLoss: number;
  readonly trials: readonly SeedTrial[];
}

/** Kasmina's ears. `act` answers what really happened; a refused command leaves the garden as it was. */
export type KasminaMessage =
  | { readonly type: 'kasmina.before_step'; readonly step: number }
  | { readonly type: 'kasmina.after_step'; readonly step: number; readonly report: StepReport }
  | { readonly type: 'kasmina.trials'; readonly regular: boolean }
  | { readonly type: 'kasmina.gather'; readonly moment: Moment; readonly measured: Measurements }
  | {
      readonly type: 'kasmina.act';
      readonly moment: Moment;
      readonly decisions: readonly AdaptationDecision[];
    }
  | {
      readonly type: 'kasmina.cull';
      readonly moment: Moment;
      readonly seedIds: readonly string[];
      readonly reason: CullReason;
    }
  | { readonly type: 'kasmina.crash_seed'; readonly seedId: string }
  | { readonly type: 'kasmina.save' };

export interface Gathered {
  readonly seeds: readonly SeedState[];
  readonly slots: readonly SlotState[];
}

export interface Acted {
  readonly transitions: readonly TransitionRecord[];
  /** A step before which a probe boundary must fall, because a seed is in the shadow; null when none is. */
  readonly probeAt: number | null;
}

/** What a person wants at a boundary, to be judged by Tamiyo as an idea of its own. */
export interface Wish {
  readonly number: number;
  readonly command: Extract<RunCommand, { readonly do: 'germinate' | 'cull' }>;
  readonly by: CommandedBy;
}

/** The decision that a wish became, or why it became none. */
export interface WishAnswer {
  readonly number: number;
  readonly decisionId: string | null;
  readonly refused: CommandRefusal | null;
}

export interface Granted {
  readonly decisions: readonly AdaptationDecision[];
  readonly answers: readonly WishAnswer[];
  /** The state as Tamiyo is to see it once these are carried out. */
  readonly packet: SystemStatePacket;
}

/** Tamiyo's ears. */
export type TamiyoMessage =
  | { readonly type: 'tamiyo.candidates'; readonly packet: SystemStatePacket }
  | {
      readonly type: 'tamiyo.wished';
      readonly packet: SystemStatePacket;
      readonly wishes: readonly Wish[];
    }
  | {
      readonly type: 'tamiyo.grant';
      readonly packet: SystemStatePacket;
      readonly wishes: readonly Wish[];
      readonly draws: readonly CandidateDraw[];
      readonly scores: readonly CandidateScore[];
    }
  | {
      readonly type: 'tamiyo.decide';
      readonly packet: SystemStatePacket;
      readonly draws: readonly CandidateDraw[];
      readonly scores: readonly CandidateScore[];
    }
  | {
      readonly type: 'tamiyo.outcome';
      readonly transitions: readonly TransitionRecord[];
      readonly packet: SystemStatePacket;
    }
  | { readonly type: 'tamiyo.quarantine'; readonly blueprintIds: readonly string[] }
  | { readonly type: 'tamiyo.fail_next' }
  | { readonly type: 'tamiyo.save' };
