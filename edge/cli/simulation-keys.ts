import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { systemClock } from '../base/clock.js'
import type { SiteTrust } from '../../simulators/scenario/site-files.js'
import { delegate, initKeys, makePersonKey } from './keys-make.js'

/** A simulated site lives for hours; the records of its keys for a day on either side. */
const dayMs = 86_400_000

/**
 * Keys of a simulated site, by the code of `lanekeeper keys` and in the folder of the run, so that its lists are signed
 * as those of a port are. One root key, because nobody guards these. The passphrases of its people are in memory only.
 */
export function makeSimulationKeys(dir: string, site: string, people: readonly string[]): SiteTrust {
  const keys = path.join(dir, 'keys')
  const nowMs = Math.round(systemClock.now().wallMs) - dayMs
  const asked = { dir: keys, offline: [], days: 30, nowMs }
  initKeys({ ...asked, site, rootKeys: 1, rootThreshold: 1, rootDays: 60 })
  const passphrases = new Map(people.map((person) => [person, randomBytes(18).toString('base64url')]))
  for (const [person, passphrase] of passphrases) makePersonKey(keys, person, () => passphrase)
  if (passphrases.size > 0) delegate(asked)
  return {
    recordsDir: path.join(keys, 'records'),
    keysDir: path.join(keys, 'online'),
    personsDir: path.join(keys, 'persons'),
    passphrases,
  }
}
