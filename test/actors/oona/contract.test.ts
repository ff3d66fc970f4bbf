import { describe } from 'vitest';
import { busContract } from './bus.contract.ts';
import { inProcessWorld, networkWorld, threadWorld } from './worlds.ts';

const topics = { plain: 'system.test', critical: 'compilation.test' };

describe('the bus in one process', () => busContract(inProcessWorld, topics));
describe('the bus of a thread', () => busContract(threadWorld, topics));
describe('the bus of a network', () => busContract(networkWorld, topics));
