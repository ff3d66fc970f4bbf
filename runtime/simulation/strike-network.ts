/** Lets one fault happen to the network between the nodes. */
import type { BrokerFaults, MemoryBroker } from '../adapters/memory/broker.ts';
import type { NetworkFault } from './fault.ts';

/** @param calm what the network goes back to */
export function strikeNetwork(
  fault: NetworkFault,
  broker: MemoryBroker,
  calm: BrokerFaults,
  later: (ms: number, then: () => void) => void,
): void {
  switch (fault.kind) {
    case 'partition':
      broker.partition(fault.from, fault.to, { oneWay: fault.oneWay });
      later(fault.forMs, () => broker.heal(fault.from, fault.to));
      break;
    case 'broker_restart':
      broker.restart(fault.forMs);
      break;
    case 'storm': {
      const { drop: dropRate, duplicate: duplicateRate, delayMs } = fault;
      broker.setFaults({ dropRate, duplicateRate, delayMs: [1, delayMs], reorderRate: 0.5 });
      later(fault.forMs, () => broker.setFaults(calm));
      break;
    }
  }
}
