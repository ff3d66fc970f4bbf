/** The fused engine: runs programs on the numbers in a memory that is lent to it; with threads, serves another one, too. */
export { run } from './run';
export { serve } from './serve';
