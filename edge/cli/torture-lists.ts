import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { sleep, systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { SeededRandom } from '../base/random.js'
import type { ListName } from '../messages/entities.js'
import { parseMark, type PlannedStep, type WriterMark } from '../testing/list-plan.js'
import { cutModes, SimulatedDisk, type CutMode } from './torture-lists-disk.js'
import { judgeFolder, type Expected, type Verdict } from './torture-lists-judge.js'
import { readRecording, straceOptions, type Recorded } from './torture-lists-log.js'
import { makePlan, type TorturePlan } from './torture-lists-plan.js'

export interface ListTortureOptions {
  /** Cuts and kills together. */
  readonly points: number
  readonly seed: number
  /** Folder for everything; the caller makes and removes it. */
  readonly dir: string
  readonly say: (line: string) => void
}

export interface ListTorture {
  readonly points: number
  readonly old: number
  readonly new: number
  readonly mixed: number
  /** How many points of each kind: a power cut by what it left, or a kill. */
  readonly kinds: Readonly<Record<string, number>>
  /** How many points in each phase of a change. */
  readonly phases: Readonly<Record<string, number>>
  readonly complaints: readonly string[]
}

/** The whole of it for people: prints complaints and figures as JSON. False: some point was neither old nor new. */
export async function tortureLists(given: Omit<ListTortureOptions, 'say'>): Promise<boolean> {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  const { complaints: _complaints, ...figures } = await new ListTorturer({ ...given, say }).run()
  say(JSON.stringify(figures))
  return figures.mixed === 0 && figures.points === given.points
}

/** One point in this many is a process killed with SIGKILL; the others are power cuts. */
const killEvery = 10
const complaintsMax = 20

/**
 * Lists brought into force by a real process, whose every write is recorded; then, at many points of that record, what
 * a power cut would have left is laid out and opened. In between the process itself is killed. Needs strace.
 */
export class ListTorturer {
  readonly #options: ListTortureOptions
  readonly #dir: string
  readonly #random: SeededRandom
  readonly #torture: TorturePlan
  readonly #figures = { points: 0, old: 0, new: 0, mixed: 0 }
  readonly #kinds: Record<string, number> = {}
  readonly #phases: Record<string, number> = {}
  readonly #complaints: string[] = []
  /** What lay on the disk when each step began, for the kills. */
  readonly #begins = new Map<number, { files: Map<string, Buffer>; expected: Expected }>()

  constructor(options: ListTortureOptions) {
    this.#options = options
    this.#dir = realpathSync(options.dir)
    this.#random = new SeededRandom(options.seed)
    this.#torture = makePlan(options.seed, path.join(this.#dir, 'root.1.json'))
  }

  async run(): Promise<ListTorture> {
    const { points, say } = this.#options
    const kills = Math.floor(points / killEvery)
    const { files, recorded } = await this.#record()
    say(`recorded ${recorded.length} writes, syncs and marks`)
    await this.#cut(files, recorded, points - kills)
    for (let kill = 0; kill < kills; kill += 1) await this.#kill(kill)
    const figures = { ...this.#figures, kinds: this.#kinds, phases: this.#phases }
    return { ...figures, complaints: this.#complaints }
  }

  /** Brings every list to its first version, then plays the plan under strace. */
  async #record(): Promise<{ files: Map<string, Buffer>; recorded: Recorded[] }> {
    const { plan, before, root } = this.#torture
    writeFileSync(plan.rootFile, root)
    const data = path.join(this.#dir, 'recorded')
    mkdirSync(data)
    await this.#play(writePlan(this.#dir, 'before.json', { ...plan, steps: [before] }), data)
    const files = filesIn(data)
    const log = path.join(this.#dir, 'strace.log')
    const all = writePlan(this.#dir, 'plan.json', plan)
    await this.#play(all, data, ['strace', ...straceOptions, '-o', log])
    return { files, recorded: await readRecording(log, data) }
  }

  async #play(planFile: string, data: string, under: readonly string[] = []): Promise<void> {
    const [program = '', ...args] = [...under, process.execPath, writerModule(), planFile, data]
    // Writes that go past the system calls would not be seen.
    const env = { ...process.env, UV_USE_IO_URING: '0' }
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      throw new LanekeeperError('torture.noStrace', `${program} is not there: install the package strace`)
    })
    if (code !== 0)
      throw new LanekeeperError(
        'torture.writer',
        `the writer of lists ended with ${code}: see above; in a container, strace needs the right to trace (SYS_PTRACE)`,
      )
  }

  /** Goes through the record once, and judges what a cut at each chosen place leaves. */
  async #cut(files: Map<string, Buffer>, recorded: readonly Recorded[], count: number): Promise<void> {
    const disk = new SimulatedDisk(files)
    const story = new Story(this.#torture)
    const places = placesIn(recorded, count, this.#random)
    for (const [n, one] of recorded.entries()) {
      if ('mark' in one) {
        if (one.mark.is === 'begin')
          this.#begins.set(one.mark.step, {
            files: disk.cut('written', this.#random),
            expected: story.expected,
          })
        story.take(one.mark)
      } else disk.apply(one.op)
      for (const mode of places.get(n) ?? []) {
        const folder = path.join(this.#dir, `cut-${n}-${mode}`)
        layOut(folder, disk.cut(mode, this.#random))
        await this.#judge(folder, mode, story)
      }
    }
  }

  /** A process that starts where a step began, and is killed somewhere in it. */
  async #kill(n: number): Promise<void> {
    const steps = this.#torture.plan.steps.length
    const step = n % steps
    const begin = this.#begins.get(step)
    if (!begin) throw new LanekeeperError('torture.recording', `step ${step} was not recorded`)
    for (let slowMs = 60; ; slowMs /= 2) {
      const folder = path.join(this.#dir, `kill-${n}`)
      layOut(folder, begin.files)
      const story = new Story(this.#torture, begin.expected)
      // Half of the kills while entries come in, half while they are verified, switched and freed.
      const at = this.#random.chance(0.5) ? 'staged' : 'verify'
      const afterMs = this.#random.next() * (at === 'staged' ? slowMs / 3 : slowMs)
      if (await this.#killed(folder, step, { at, afterMs }, story)) {
        await this.#judge(folder, 'kill', story)
        return
      }
      rmSync(folder, { recursive: true })
    }
  }

  /** False: the process had come to its end before. */
  async #killed(
    folder: string,
    step: number,
    { at, afterMs }: { readonly at: WriterMark['is']; readonly afterMs: number },
    story: Story,
  ): Promise<boolean> {
    const args = [writerModule(), path.join(this.#dir, 'plan.json'), folder, String(step)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (_code, signal) => resolve(signal))
    })
    let passes = at === 'staged' ? Math.floor(this.#random.next() * 4) : 0
    for await (const line of createInterface({ input: child.stdout })) {
      const mark = parseMark(line)
      if (!mark) continue
      story.take(mark)
      if (mark.is !== at && mark.is !== 'done') continue
      passes -= 1
      if (passes !== -1) continue
      void sleep(systemClock, 'torture kill', afterMs).then(() => child.kill('SIGKILL'))
    }
    return (await ended) === 'SIGKILL'
  }

  async #judge(folder: string, kind: CutMode | 'kill', story: Story): Promise<void> {
    const verdict: Verdict = await judgeFolder(folder, this.#torture, story.expected)
    this.#figures.points += 1
    this.#figures[verdict.is] += 1
    this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1
    this.#phases[story.phase] = (this.#phases[story.phase] ?? 0) + 1
    const { say } = this.#options
    const where = `${path.basename(folder)} (${story.phase})`
    for (const complaint of verdict.complaints) {
      if (this.#complaints.length < complaintsMax) this.#complaints.push(`${where}: ${complaint}`)
      say(`! ${where}: ${complaint}`)
    }
    if (this.#figures.points % 50 === 0) say(`${this.#figures.points} points, ${this.#figures.mixed} mixed`)
    // What is wrong stays there for whoever looks; `--keep` keeps the folder around it.
    if (verdict.is !== 'mixed') rmSync(folder, { recursive: true, force: true })
  }
}

/** What has certainly happened so far, by what the writer said. */
class Story {
  readonly #steps: readonly PlannedStep[]
  readonly #done: Map<ListName, number>
  readonly #underWay: Set<ListName>
  #kept: number
  phase = 'start'

  constructor({ plan, versions, before }: TorturePlan, from?: Expected) {
    this.#steps = plan.steps
    this.#done = new Map(from?.done ?? [...versions.keys()].map((list) => [list, 1]))
    this.#underWay = new Set(from?.underWay)
    this.#kept = from?.kept ?? timestampOf(before)
  }

  get expected(): Expected {
    return { done: new Map(this.#done), underWay: new Set(this.#underWay), kept: this.#kept }
  }

  take(mark: WriterMark): void {
    const step = mark.is === 'begin' || mark.is === 'kept' ? this.#steps[mark.step] : undefined
    if (mark.is === 'begin') for (const { head } of step?.changes ?? []) this.#underWay.add(head.list)
    else if (mark.is === 'kept' && step) this.#kept = timestampOf(step)
    else if (mark.is === 'done') {
      this.#done.set(mark.list as ListName, mark.version)
      this.#underWay.delete(mark.list as ListName)
    }
    this.phase = phases[mark.is]
  }
}

const phases: Readonly<Record<WriterMark['is'], string>> = {
  begin: 'keeping the proof',
  kept: 'staging',
  staged: 'staging',
  verify: 'verifying and switching',
  done: 'freeing',
}

function timestampOf({ proof }: PlannedStep): number {
  return (JSON.parse(proof) as { timestamp: { signed: { version: number } } }).timestamp.signed.version
}

/**
 * Places for so many cuts, each with the ways to cut there. Half of them anywhere, half in the last writes before a list
 * was said to be in force, where old turns into new.
 */
function placesIn(
  recorded: readonly Recorded[],
  count: number,
  random: SeededRandom,
): ReadonlyMap<number, ReadonlySet<CutMode>> {
  const first = recorded.findIndex((one) => 'mark' in one)
  const last = recorded.length - 1
  const dones = recorded.flatMap((one, n) => ('mark' in one && one.mark.is === 'done' ? [n] : []))
  const places = new Map<number, Set<CutMode>>()
  for (let chosen = 0, tries = 0; chosen < count; tries += 1) {
    if (tries > 50 * count)
      throw new LanekeeperError('torture.recording', `there are no ${count} different places to cut`)
    const near = random.chance(0.5)
    const n = near ? Math.max(first, random.pick(dones) - random.int(0, 30)) : random.int(first, last)
    const modes = places.get(n) ?? new Set<CutMode>()
    const mode = random.pick(cutModes)
    if (modes.has(mode)) continue
    places.set(n, modes.add(mode))
    chosen += 1
  }
  return places
}

function writerModule(): string {
  return path.join(import.meta.dirname, '..', 'testing', 'list-writer.js')
}

function writePlan(dir: string, name: string, plan: TorturePlan['plan']): string {
  const file = path.join(dir, name)
  writeFileSync(file, JSON.stringify(plan))
  return file
}

/** The files of the lists; what SQLite shares between processes is not on the disk. */
function filesIn(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/^(lists\.db(-wal)?|(trust-copy\/)?trust\.json)$/.test(name)) continue
    if (statSync(path.join(folder, name)).isFile()) files.set(name, readFileSync(path.join(folder, name)))
  }
  return files
}

function layOut(folder: string, files: ReadonlyMap<string, Buffer>): void {
  mkdirSync(path.join(folder, 'trust-copy'), { recursive: true })
  for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes)
}
