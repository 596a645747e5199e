import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../base/clock.js'
import { systemRandom } from '../base/random.js'
import { describeProblems } from '../base/result.js'
import { LanekeeperError } from '../base/error.js'
import { untilAsked } from '../cli/exit.js'
import { openLog } from '../cli/logger.js'
import { tellSupervisor } from '../cli/supervisor.js'
import { besideFile, readYaml } from '../config/load.js'
import { parseEdgeConfig } from '../config/parse.js'
import type { Barrier, BarrierGiven, LaneSignals } from '../interfaces/barrier.js'
import type { EventDraft, Journal } from '../interfaces/journal.js'
import { startEdge, type EdgeDecorators } from '../main.js'
import { killAtFile, killPointNames, type KillPoint } from './kill-points.js'

/** As a power cut: no handler runs, nothing is flushed. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal is delivered before this process runs another line of JavaScript that matters.
  for (;;);
}

function decorators(point: KillPoint): EdgeDecorators {
  const dieAt = (reached: KillPoint) => {
    if (reached === point) die()
  }
  return {
    journal: (journal) => new WatchedJournal(journal, dieAt),
    openBarrier: (open, given) => watchBarrier(open, given, dieAt),
  }
}

class WatchedJournal implements Journal {
  readonly #inner: Journal
  readonly #dieAt: (reached: KillPoint) => void
  readonly memoryOf: Journal['memoryOf']
  readonly read: Journal['read']
  readonly probe: Journal['probe']

  constructor(inner: Journal, dieAt: (reached: KillPoint) => void) {
    this.#inner = inner
    this.#dieAt = dieAt
    this.memoryOf = (lane) => inner.memoryOf(lane)
    this.read = (after) => inner.read(after)
    this.probe = () => inner.probe()
  }

  get epoch(): string {
    return this.#inner.epoch
  }

  get bootId(): string {
    return this.#inner.bootId
  }

  async append(drafts: readonly EventDraft[]): ReturnType<Journal['append']> {
    const has = (type: string) => drafts.some((draft) => draft.type === type)
    if (has('barrierIntent')) this.#dieAt('K3')
    const stored = await this.#inner.append(drafts)
    if (has('passageOpened')) this.#dieAt('K1')
    if (has('tagObserved')) this.#dieAt('K2')
    if (has('barrierIntent')) this.#dieAt('K4')
    if (has('passageEnded')) this.#dieAt('K9')
    return stored
  }
}

function watchBarrier(
  open: (given: BarrierGiven) => Barrier,
  given: BarrierGiven,
  dieAt: (reached: KillPoint) => void,
): Barrier {
  let before: LaneSignals | null = null
  let asked = false
  const barrier = open({
    ...given,
    onSignals: (signals) => {
      const was = before
      before = signals
      if (was?.entryLoop === 'clear' && signals.entryLoop === 'occupied') dieAt('K0')
      if (asked && signals.acceptedCommandId !== was?.acceptedCommandId) dieAt('K6')
      if (asked && signals.barrier === 'raised') dieAt('K7')
      if (asked && was?.exitLoop === 'occupied' && signals.exitLoop === 'clear') dieAt('K8')
      given.onSignals(signals)
    },
  })
  return {
    raise: (command) => {
      asked = true
      const outcome = barrier.raise(command)
      // The request leaves in the same turn or the next ones of the loop: dying a little later
      // catches it on the wire, dying at once could catch it before the socket.
      given.clock.after('kill point', 2, () => dieAt('K5'))
      return outcome
    },
    guide: (guidance) => barrier.guide(guidance),
    close: () => barrier.close(),
  }
}

const [, , command, flag, file] = process.argv
if (command !== 'edge' || flag !== '--config' || file === undefined) {
  throw new LanekeeperError('killableEdge.usage', 'usage: killable-edge edge --config FILE')
}
const raw = readYaml(file)
const config = raw.ok ? parseEdgeConfig(raw.value, (named) => besideFile(file, named)) : raw
if (!config.ok) throw new LanekeeperError('killableEdge.config', describeProblems(config.problems))

const orderFile = path.join(path.dirname(file), killAtFile)
const point = existsSync(orderFile)
  ? killPointNames.find((name) => name === readFileSync(orderFile, 'utf8'))
  : undefined
rmSync(orderFile, { force: true })

const edge = await startEdge(config.value, {
  clock: systemClock,
  random: systemRandom,
  log: openLog(config.value.logLevel, 'edge'),
  version: 'killable',
  ...(point === undefined ? {} : { decorate: decorators(point) }),
})
tellSupervisor({ is: 'ready', part: 'edge' })
await untilAsked()
await edge.close()
process.disconnect?.()
