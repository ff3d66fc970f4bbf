/** What the command line puts into a token: the command, for whom it is, and how long its answer is waited for. */
import { describe, expect, it } from 'vitest';
import { type AdminOrder, command, signedRequest } from '../../cli/admin/client.ts';
import { AdminClaims } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Services } from '../../runtime/ports/services.ts';
import type { Signer } from '../../runtime/ports/tokens.ts';

const order: AdminOrder = { cluster: 'esper', node: null, verb: 'run-pause', args: {} };
const claims = checkerOf(AdminClaims);
/** Its tokens are their claims. */
const signer = { sign: async (_type: string, said: unknown) => JSON.stringify(said) } as unknown as Signer;
const claimsIn = (request: string): unknown => JSON.parse((JSON.parse(request) as { token: string }).token);

describe('a signed command', () => {
  it('says how long its answer is waited for, as long as the command line does', async () => {
    const asked: { request: string; withinMs: number }[] = [];
    const reply = { v: 1, node: 'n1', request: 'r', again: false, result: { done: 'ok', details: {} } };
    const services = {
      async ask(_subject: string, bytes: Uint8Array, { withinMs }: { withinMs: number }) {
        asked.push({ request: new TextDecoder().decode(bytes), withinMs });
        return new TextEncoder().encode(JSON.stringify(reply));
      },
    } as unknown as Services;
    await command(services, order, signer, { wallMs: 1_000_000, withinMs: 90_000.4 });
    const said = claimsIn(asked[0]?.request ?? '');

    expect(said).toMatchObject({ cmd: 'run-pause', waitMs: 90_000, iat: 1_000 });
    expect(asked[0]?.withinMs).toBe(90_000.4);
    expect(claims.check(said)).toBe(true);
  });

  it('leaves it out where nobody says', async () => {
    const said = claimsIn(await signedRequest(order, signer, 1_000_000));

    expect(said).not.toHaveProperty('waitMs');
    expect(claims.check(said)).toBe(true);
  });
});
