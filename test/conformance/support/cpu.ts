/** What work costs, whoever else wants the machine: an idle wait or another process is not counted. */

/** Milliseconds of all cores that this process has had so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
