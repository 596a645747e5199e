import { destination, pino } from 'pino'
import type { Logger } from '../base/log.js'

/**
 * The log of a process: one line of JSON an entry on standard error, so that standard output
 * stays for people and figures. English, and without secrets: nobody hands one to it.
 */
export function openLog(level: string, part: string): Logger {
  return pino(
    { level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: false }),
  )
}
