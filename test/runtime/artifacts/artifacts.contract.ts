/** What every artifact store promises, whatever broker keeps it. */
import { expect, it } from 'vitest';
import type { ArtifactRef } from '../../../contracts/index.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { artifactStream, streamArtifacts } from '../../../runtime/artifacts/stream-artifacts.ts';
import type { StreamsWorld } from '../ports/streams.contract.ts';

const KIND = { kind: 'test.bytes', mediaType: 'application/octet-stream' };
const PIECE = 64 * 1024;

/** Bytes that are not all the same. */
const bytes = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * seed) % 251);

export function artifactsContract(start: () => Promise<StreamsWorld>): void {
  const made = async (maxBytes = 64 * 2 ** 20) => {
    const world = await start();
    const { name: stream, one, other, during } = world;
    const spec = artifactStream(stream, stream, maxBytes);
    await during(one.ensure(spec));
    let next = 0;
    const ids = { next: (prefix: string) => `${prefix}-${++next}` };
    const parts = { hasher: nodeHasher(), ids, stream, prefix: stream, mostBytes: 2 ** 21 };
    const here = streamArtifacts({ ...parts, streams: one, pieceBytes: PIECE });
    const there = streamArtifacts({ ...parts, streams: other });
    const put = async (what: Uint8Array) => {
      const ref = here.refOf(what, KIND);
      await during(here.put(ref, what));
      return ref;
    };
    const get = (ref: ArtifactRef) => during(there.get(ref));
    return { ...world, here, there, put, get };
  };

  it.each([1, PIECE - 1, PIECE, PIECE + 1, 1_000_003])(
    'brings %i bytes to another client',
    async (length) => {
      const { put, get, name, end } = await made();
      const ref = await put(bytes(length));
      expect(ref).toMatchObject({ ...KIND, bytes: length, where: name });
      expect(Buffer.from(await get(ref)).equals(bytes(length))).toBe(true);
      await end();
    },
  );

  it('keeps the same bytes once, whoever puts them and in whatever pieces', async () => {
    const { here, there, put, get, one, name, during, end } = await made();
    const ref = await put(bytes(3 * PIECE));
    const { messages } = await during(one.size(name));
    await during(here.put(ref, bytes(3 * PIECE)));
    expect((await during(one.size(name))).messages).toBe(messages);
    await during(there.put(ref, bytes(3 * PIECE)));
    expect((await during(one.size(name))).messages).toBe(messages);
    expect(Buffer.from(await get(ref)).equals(bytes(3 * PIECE))).toBe(true);
    await end();
  });

  it('says that something is missing, and finds it when it has come', async () => {
    const { here, put, get, end } = await made();
    const ref = here.refOf(bytes(200_000), KIND);
    await expect(get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING', retryable: true });
    await put(bytes(200_000));
    expect((await get(ref)).length).toBe(200_000);
    await expect(get({ ...ref, where: 'ELSEWHERE' })).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
    await end();
  });

  it('lets the oldest go when there is no room, and says that they are missing', async () => {
    const { put, get, end } = await made(600_000);
    const refs: ArtifactRef[] = [];
    for (const seed of [1, 2, 3]) refs.push(await put(bytes(250_000, seed)));
    const [first, , last] = refs as [ArtifactRef, ArtifactRef, ArtifactRef];
    await expect(get(first)).rejects.toMatchObject({ code: 'ARTIFACT_MISSING' });
    expect((await get(last)).length).toBe(250_000);
    // Stored again: what was let go must not count as stored because somebody has said it before.
    await put(bytes(250_000, 1));
    expect((await get(first)).length).toBe(250_000);
    await end();
  });

  it('believes nothing but the digest', async () => {
    const { put, get, here, name, one, during, end } = await made();
    const ref = await put(bytes(PIECE));
    const other = bytes(PIECE, 7);
    await during(one.publish(`${name}.${ref.sha256}.0`, other, { id: 'forged' }));
    await expect(get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED', retryable: false });
    await during(one.publish(`${name}.${ref.sha256}.0`, other.subarray(0, 0), { id: 'empty' }));
    await expect(get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' });
    await during(one.publish(`${name}.${ref.sha256}.0`, bytes(PIECE + 1), { id: 'long' }));
    await expect(get(ref)).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' });
    await expect(during(here.put(ref, other))).rejects.toMatchObject({ code: 'ARTIFACT_DAMAGED' });
    await end();
  });

  it('refuses what is too large, before and after it was stored', async () => {
    const { here, get, end } = await made();
    const refused = { code: 'ARTIFACT_TOO_LARGE', retryable: false };
    expect(() => here.refOf(new Uint8Array(2 ** 21 + 1), KIND)).toThrow(expect.objectContaining(refused));
    const ref = { ...here.refOf(bytes(1), KIND), bytes: 2 ** 21 + 1 };
    await expect(get(ref)).rejects.toMatchObject(refused);
    await end();
  });

  it('is out of reach while its broker is', async () => {
    const { put, get, there, down, up, during, end } = await made();
    const ref = await put(bytes(PIECE));
    await down();
    const away = { code: 'STREAMS_UNREACHABLE', retryable: true };
    await expect(get(ref)).rejects.toMatchObject(away);
    await expect(during(there.put(ref, bytes(PIECE)))).rejects.toMatchObject(away);
    await up();
    expect((await get(ref)).length).toBe(PIECE);
    await end();
  });
}
