import { describe, expect, it } from 'vitest';
import {
  type Desk,
  evolve,
  noteProposals,
  receiveCertificate,
  receiveDeath,
  receiveKernel,
  receiveRejection,
  settledRequests,
  type UrzaEvent,
} from '../../../actors/urza/behaviour.ts';
import { emptyLibrary, findKernels, lineageOf } from '../../../actors/urza/library.ts';
import { answer } from '../../../actors/urza/request.ts';
import {
  BlueprintQuarantined,
  BlueprintRejected,
  CatalogueReady,
  KernelCharacterized,
  KernelCompiled,
  KernelReady,
  KernelsQueried,
  MessageDied,
  ProposalsMade,
  ProposalsWanted,
} from '../../../contracts/index.ts';
import { certificateFor, kernelFor } from './examples.ts';

const empty: Desk = { library: emptyLibrary('engine-1'), requests: new Map() };
const having = (desk: Desk, ...events: readonly UrzaEvent[]) => events.reduce(evolve, desk);
const open = having(empty, { kind: 'opened', requestId: 'r-1', atMs: 100, withinMs: 900 });
const made = (blueprintIds: string[], skipped: ProposalsMade['skipped'] = []) =>
  ProposalsMade.of({ requestId: 'r-1', blueprintIds, skipped });
const compiled = (id: string, parents: string[] = []) =>
  KernelCompiled.of({ requestId: 'r-1', kernel: kernelFor(id), parents });
const characterized = (id: string, verdict: 'VALIDATED' | 'REJECTED' = 'VALIDATED', engine = 'engine-1') =>
  KernelCharacterized.of({ requestId: 'r-1', certificate: certificateFor(id, { verdict }), engine });
const shelve = (desk: Desk, id: string, parents: string[] = []) =>
  having(desk, ...receiveKernel(desk, compiled(id, parents)).events);
const certify = (desk: Desk, id: string, verdict?: 'VALIDATED' | 'REJECTED', engine?: string) =>
  having(desk, ...receiveCertificate(desk, characterized(id, verdict, engine)));
const answerOf = (desk: Desk) => settledRequests(desk).map((request) => answer(request, 150))[0];
const any = { kernelId: null, families: [], spans: [], requiredTags: [], excludedTags: [] };

describe('Urza', () => {
  it('answers when every proposed blueprint has ended, and not before', () => {
    let desk = having(open, ...noteProposals(open, made(['b', 'a', 'c'])));
    for (const id of ['a', 'b']) desk = shelve(desk, id);
    desk = certify(desk, 'b');
    desk = certify(desk, 'a', 'REJECTED');
    expect(settledRequests(desk)).toEqual([]);

    const no = BlueprintRejected.of({ requestId: 'r-1', blueprintId: 'c', reasons: ['NODES_MISSING'] });
    desk = having(desk, ...receiveRejection(no));

    expect(answerOf(desk)).toEqual(
      CatalogueReady.of({
        requestId: 'r-1',
        catalogue: [{ kernel: kernelFor('b'), certificate: certificateFor('b') }],
        quarantined: [
          { blueprintId: 'a', reasons: ['gradient_vanishes'] },
          { blueprintId: 'c', reasons: ['NODES_MISSING'] },
        ],
        late: [],
        fromShelf: 0,
        tookMs: 50,
      }),
    );
  });

  it('takes news that comes before the list of proposals', () => {
    const desk = certify(shelve(open, 'a'), 'a');

    expect(settledRequests(desk)).toEqual([]);
    expect(answerOf(having(desk, ...noteProposals(desk, made(['a']))))?.catalogue).toHaveLength(1);
  });

  it('names what was not judged in time', () => {
    const desk = certify(shelve(having(open, ...noteProposals(open, made(['a', 'z', 'b']))), 'a'), 'a');
    const request = desk.requests.get('r-1');

    expect(request && answer(request, 200)).toMatchObject({ late: ['b', 'z'], catalogue: [{}] });
  });

  it('has nothing measured twice for one engine, and all of it for another', () => {
    const desk = certify(shelve(open, 'a'), 'a');

    expect(receiveKernel(desk, compiled('a')).toMeasure).toBeNull();
    const elsewhere: Desk = { ...empty, library: emptyLibrary('engine-2') };
    const foreign = certify(shelve(elsewhere, 'a'), 'a', 'VALIDATED', 'engine-1');
    expect(receiveKernel(foreign, compiled('a')).toMeasure?.kernel.kernelId).toBe(kernelFor('a').kernelId);
  });

  it('counts what came from the shelf', () => {
    const known = having(certify(shelve(open, 'a'), 'a'), { kind: 'answered', requestId: 'r-1' });
    const again = having(known, { kind: 'opened', requestId: 'r-1', atMs: 0, withinMs: 900 });
    const asked = having(
      again,
      ...noteProposals(again, made(['a'])),
      ...receiveKernel(again, compiled('a')).events,
    );

    expect(answerOf(asked)).toMatchObject({ fromShelf: 1, catalogue: [{}] });
  });

  it('never gives out what is quarantined, and says why', () => {
    const found = BlueprintQuarantined.of({
      blueprintId: 'a',
      reasons: ['not_finite at step 7'],
      by: 'tolaria',
    });
    const desk = having(certify(shelve(open, 'a'), 'a'), { kind: 'quarantined', found });

    expect(findKernels(desk.library, KernelsQueried.of(any))).toEqual([]);
    expect(receiveKernel(desk, compiled('a')).toMeasure).toBeNull();
    const skipped = noteProposals(desk, made([], [{ blueprintId: 'a', reasons: ['quarantined'] }]));
    const fresh = having({ ...desk, requests: open.requests }, ...skipped);
    expect(answerOf(fresh)?.quarantined).toEqual([{ blueprintId: 'a', reasons: ['not_finite at step 7'] }]);
  });

  it.each([
    [
      'a proposal',
      {
        ...compiled('a'),
        type: 'karn.blueprint.proposed',
        blueprint: kernelFor('a').blueprint,
        kernel: undefined,
      },
    ],
    ['a compiled kernel', compiled('a')],
    ['a kernel to measure', KernelReady.of({ requestId: 'r-1', kernel: kernelFor('a') })],
  ])('waits no longer for %s that nobody could deliver', (_, body) => {
    const desk = having(open, ...noteProposals(open, made(['a'])));
    const died = MessageDied.of({
      topic: 't',
      messageId: 'm',
      reason: 'ACTOR_CRASHED',
      body: JSON.parse(JSON.stringify(body)),
    });

    expect(answerOf(having(desk, ...receiveDeath(died)))?.quarantined).toEqual([
      { blueprintId: 'a', reasons: ['undeliverable', 'ACTOR_CRASHED'] },
    ]);
  });

  it('answers empty-handed when Karn could not be reached', () => {
    const wanted = ProposalsWanted.of({
      requestId: 'r-1',
      activation: 'tanh',
      rows: 'vector',
      families: [],
      spans: [],
      poisoned: 0,
    });
    const died = MessageDied.of({ topic: 't', messageId: 'm', reason: 'gone', body: wanted });

    expect(answerOf(having(open, ...receiveDeath(died)))).toMatchObject({ catalogue: [], late: [] });
    expect(receiveDeath({ ...died, body: { type: 'somebody.else' } })).toEqual([]);
  });

  it('takes the first word on a blueprint: deliveries may repeat', () => {
    const desk = certify(shelve(having(open, ...noteProposals(open, made(['a', 'b']))), 'a'), 'a');
    const twice = certify(desk, 'a', 'REJECTED');

    expect(twice.requests.get('r-1')?.outcomes.get('a')?.kind).toBe('certified');
    expect(
      having(twice, { kind: 'answered', requestId: 'r-1' }, ...receiveCertificate(twice, characterized('b')))
        .requests.size,
    ).toBe(0);
  });

  it('finds kernels by family, span, tag and id, lowest risk first', () => {
    const desk = ['b', 'a', 'c'].reduce((d, id) => certify(shelve(d, id), id), empty);
    const ids = (query: Partial<KernelsQueried>) =>
      findKernels(desk.library, KernelsQueried.of({ ...any, ...query })).map(
        ({ kernel }) => kernel.blueprint.id,
      );

    expect(ids({})).toEqual(['a', 'b', 'c']);
    expect(ids({ requiredTags: ['id:b'] })).toEqual(['b']);
    expect(ids({ excludedTags: ['id:b'] })).toEqual(['a', 'c']);
    expect(ids({ families: ['gated'] })).toEqual([]);
    expect(ids({ spans: ['layer', 'cascade'] })).toEqual(['a', 'b', 'c']);
    expect(ids({ kernelId: kernelFor('c').kernelId })).toEqual(['c']);
  });

  it('follows a lineage back, even around a loop', () => {
    const desk = shelve(shelve(shelve(empty, 'c', ['b']), 'b', ['a']), 'a', ['c']);

    expect(lineageOf(desk.library, 'c')).toEqual(['c', 'b', 'a']);
  });
});
