import { statSync } from 'node:fs'

/** Files whose age tells when a time service of the machine last had a source. */
const marks: readonly string[] = [
  // systemd-timesyncd: made at its first synchronisation after the boot.
  '/run/systemd/timesync/synchronized',
  // chrony: written only while it has a source, about once an hour.
  '/var/lib/chrony/chrony.drift',
  '/var/lib/chrony/drift',
]

/**
 * When a time service of the machine last set the clock, UTC ms by that same clock. `unknown` where
 * no such service leaves its mark: the gateway's time has to do. The kernel itself (`adjtimex`)
 * could only be asked by native code.
 */
export function kernelClockSays(files: readonly string[] = marks): number | 'unknown' {
  const times = files.flatMap((file) => {
    const found = statSync(file, { throwIfNoEntry: false })
    return found ? [found.mtimeMs] : []
  })
  return times.length === 0 ? 'unknown' : Math.max(...times)
}
