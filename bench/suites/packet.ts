/** The state packet as bytes, and a message at a border; JSON and plain MessagePack beside it. */
import {
  decode,
  decodePacket,
  encode,
  encodePacket,
  RolledBack,
  SystemStatePacket,
} from '../../contracts/index.ts';
import { ArenaReader, type ArenaState, RUN_READINGS, SEED_READINGS, StateArena } from '../../nn/index.ts';
import { packetOf48 } from '../rig/packets.ts';
import { type Effort, microseconds, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';

export const packet: Suite = {
  name: 'packet',
  about:
    'pack, unpack and check a state packet of 48 seeds, and share its readings; JSON and plain MessagePack as peers',
  async run(effort) {
    const full = packetOf48();
    const [columns, plain, text] = [encodePacket(full), encode(full), JSON.stringify(full)];
    const us = (name: string, work: () => unknown) => time(name, effort, work);
    return [
      await us('pack', () => encodePacket(full)),
      await us('unpack', () => decodePacket(columns)),
      await us('validate-packet', () => SystemStatePacket.parse(full)),
      await us('validate-message', () => RolledBack.parse(MESSAGE)),
      await us('peer-msgpack-pack', () => encode(full)),
      await us('peer-msgpack-unpack', () => decode(plain)),
      await us('peer-json-pack', () => JSON.stringify(full)),
      await us('peer-json-unpack', () => JSON.parse(text)),
      ...(await arena(effort)),
      ...[columns, plain, text].map((bytes, i) =>
        size(['bytes', 'peer-msgpack-bytes', 'peer-json-bytes'][i]!, bytes),
      ),
    ];
  },
};

const MESSAGE = RolledBack.of({
  reason: 'loss not finite',
  atStep: 130,
  toStep: 120,
  toBoundary: 24,
  guilty: ['s7'],
  quarantinedBlueprints: ['widen-tanh-4'],
  ms: 4.25,
});

/** The same 48 seeds in shared memory: what a step writes, and what a reader in any thread copies. */
async function arena(effort: Effort): Promise<readonly Figure[]> {
  const shared = new StateArena(48);
  const reader = new ArenaReader(shared.buffer);
  const copy = reader.copy();
  const change = (state: ArenaState) => {
    for (let row = 0; row < 48; row++) {
      state.stage[row] = row % 12;
      for (const name of SEED_READINGS) state[name][row] = row;
    }
    state.run[RUN_READINGS.loss] = 0.5;
  };
  return [
    await time('arena-write', effort, () => shared.write(48, change)),
    await time('arena-read', effort, () => reader.read(copy)),
    size('arena-1000-seeds', { length: new StateArena(1_000).buffer.byteLength }),
  ];
}

const time = async (name: string, effort: Effort, work: () => unknown): Promise<Figure> =>
  figure(name, 'us', spread(await microseconds(times(effort, 300), 100, work)));

const size = (name: string, { length }: { readonly length: number }): Figure =>
  figure(name, 'bytes', { median: length, p95: length });
