import { existsSync } from 'node:fs'

/** Made by systemd-timesyncd at its first synchronisation after the boot, removed with it. */
const timesyncdMark = '/run/systemd/timesync/synchronized'

/**
 * Whether a time service of the machine says that the clock is set. Where no such service leaves
 * its mark nothing is known: `unknown`, and the gateway's time has to do.
 */
export function kernelClockSays(): boolean | 'unknown' {
  return existsSync(timesyncdMark) ? true : 'unknown'
}
