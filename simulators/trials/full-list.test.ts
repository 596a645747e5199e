import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import { SeededRandom } from '../../edge/base/random.js'
import { listEntrySchema, type ListEntry } from '../../edge/messages/entities.js'
import { contentOf } from '../../edge/messages/list-hash.js'
import { openCuttingProxy, type CuttingProxy } from '../../gateway/testing/cutting-proxy.js'
import { Traffic } from './traffic.js'
import { spread, Trial } from './trial.js'

// A hundred megabytes through real processes, on a machine that does other things as well.
t.setTimeout(1_500_000)

const cutsWanted = 50
const bodyMinBytes = 100_000_000
const lanes = ['lane-1', 'lane-2', 'lane-3', 'lane-4'] as const
const quietMs = 40_000
const arrivesWithinMs = 900_000
/** What one try may cost more than it brings: the handshake, the head, and a page that was packed in vain. */
const handshakeBytes = 16_384
/** Lines that the gateway packs together (gateway/api/edge-routes.ts). */
const pageLines = 2_000

/** The way to the gateway's lists: untouched until it is armed, then cut at drawn bytes, so often, and then whole again. */
class CutLine {
  readonly #random: SeededRandom
  readonly #meanBytes: number
  #proxy: CuttingProxy | null = null
  #isArmed = false
  #bytesBefore = 0

  constructor(random: SeededRandom, meanBytes: number) {
    this.#random = random
    this.#meanBytes = meanBytes
  }

  async open(targetPort: number): Promise<number> {
    this.#proxy = await openCuttingProxy(targetPort, () => this.#next())
    return this.#proxy.port
  }

  arm(): void {
    this.#isArmed = true
    this.#bytesBefore = this.#proxy?.bytesToClient ?? 0
  }

  get cuts(): number {
    return this.#proxy?.cuts ?? 0
  }

  get bytes(): number {
    return (this.#proxy?.bytesToClient ?? 0) - this.#bytesBefore
  }

  async close(): Promise<void> {
    await this.#proxy?.close()
  }

  #next(): number {
    if (!this.#isArmed || this.cuts >= cutsWanted) return Infinity
    return this.#random.int(Math.round(this.#meanBytes * 0.5), Math.round(this.#meanBytes * 1.5))
  }
}

/** Trucks with plates of three regions, until they are a hundred megabytes; hard to pack, as a register is. */
function trucksOf(random: SeededRandom): { file: Buffer<ArrayBuffer>; entries: readonly ListEntry[] } {
  const lines: string[] = []
  const entries: ListEntry[] = []
  const drawn = (digits: number): string =>
    Array.from({ length: digits }, () => random.int(0, 35).toString(36).toUpperCase()).join('')
  for (let bytes = 0, n = 0; bytes < bodyMinBytes; n += 1) {
    const entry = listEntrySchema.parse({
      kind: 'vehicle',
      vehicleId: `T${n}-${drawn(24)}`,
      vehicleKind: 'TRUCK',
      plates: [
        { region: 'CN', text: `粤Z${drawn(8)}` },
        { region: 'HK', text: `HK${drawn(8)}` },
        { region: 'MO', text: `MO${drawn(8)}` },
      ],
      companyId: `C-${drawn(24)}`,
      carriesTag: true,
    })
    const line = `${JSON.stringify(entry)}\n`
    bytes += Buffer.byteLength(line)
    lines.push(line)
    entries.push(entry)
  }
  return { file: Buffer.from(lines.join('')), entries }
}

/** By a sample: lines of a list are of one kind. */
function packedSizeOf(file: Buffer): number {
  const sample = file.subarray(0, 2_000_000)
  return Math.round((gzipSync(sample, { level: 2 }).length / sample.length) * file.length)
}

function entriesIn(file: string): readonly ListEntry[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => listEntrySchema.parse(JSON.parse(line)))
}

/** From the loop to the first decision, milliseconds, of the passages opened since then. */
async function decisionsSince(trial: Trial, from: number): Promise<number[]> {
  const openedMs = new Map<string | null, number>()
  const durations: number[] = []
  for (const { type, passageId, monoMs } of (await trial.journal()).slice(from)) {
    if (type === 'passageOpened') openedMs.set(passageId, monoMs)
    const since = openedMs.get(passageId)
    if (type !== 'decided' || since === undefined) continue
    openedMs.delete(passageId)
    durations.push(monoMs - since)
  }
  return durations
}

t.test(
  'a full list of 100 MB whose line is cut 50 times arrives whole, and the lanes decide beside it',
  async (t) => {
    const seed = Number(process.env['SEED'] ?? systemClock.now().wallMs % 2 ** 31)
    t.comment(`SEED=${seed}`)
    const random = new SeededRandom(seed)
    const { file, entries } = trucksOf(random)
    const packedBytes = packedSizeOf(file)
    t.ok(file.length >= bodyMinBytes, `${file.length} bytes, about ${packedBytes} packed`)
    const line = new CutLine(random, (packedBytes * 0.85) / cutsWanted)
    const trial = await Trial.start(t, {
      mix: { known: 1 },
      lanes: lanes.length,
      edgeHttpProxy: (targetPort) => line.open(targetPort),
    })
    t.teardown(() => line.close())
    const before = entriesIn(path.join(trial.dir, 'lists', 'vehicles.ndjson'))
    const traffic = new Traffic(trial, lanes)
    await sleep(systemClock, 'trial', 5_000)

    const quietFrom = (await trial.journal()).length
    await sleep(systemClock, 'trial', quietMs)
    const quiet = spread(await decisionsSince(trial, quietFrom))
    const quietMb = trial.residentMb('edge')

    const sent = await trial.client.importFile('vehicles', 'trucks.ndjson', file)
    const ready = await trial.until(
      'the file to be read',
      async () => {
        const run = await trial.client.importRun('vehicles', sent.importId)
        return run.state === 'READING' ? null : run
      },
      arrivesWithinMs,
    )
    t.match(ready, { state: 'READY', counts: { added: entries.length }, refusedCount: 0 })
    const during = (await trial.journal()).length
    line.arm()
    const fromMs = systemClock.now().monoMs
    const applied = await trial.client.applyImport('vehicles', sent.importId)
    const version = applied.applied?.version
    const switched = await trial.until(
      'the list to be in force at the edge',
      async () => {
        const found = await trial.recorded(
          'listSwitched',
          ({ body }) => body['list'] === 'vehicles' && body['version'] === version,
        )
        return found[0]
      },
      arrivesWithinMs,
    )
    const tookMs = systemClock.now().monoMs - fromMs
    const loaded = spread(await decisionsSince(trial, during))
    const loadedMb = trial.residentMb('edge')
    await traffic.stop()

    const expected = contentOf([...before, ...entries])
    t.match(switched.body, { ...expected }, 'what is in force is what was sent, to the last byte')
    t.ok(line.cuts >= cutsWanted, `it was cut ${line.cuts} times`)
    const health = await trial.until('a word of the edge', () => trial.health())
    t.comment(health.counters)
    const resumed = Number(health.counters['uplink.fullsResumed'])
    const atMost =
      packedBytes * 1.1 + line.cuts * (handshakeBytes + (packedBytes * pageLines) / entries.length)
    t.ok(resumed >= cutsWanted * 0.9, `gone on with ${resumed} times`)
    t.ok(line.bytes <= atMost, `${line.bytes} bytes were sent in all; ${Math.round(atMost)} are allowed`)
    t.comment('loop to decision, ms: quiet', quiet, 'during transfer and activation', loaded)
    t.comment(`${Math.round(tookMs / 1000)} s; edge ${quietMb} MB before, ${loadedMb} MB after`)
    t.ok(loaded.count > 0 && quiet.count > 0, 'the lanes decided all the time')
    t.ok(loaded.p50 < 1.5 * quiet.p50 + 250, `p50 ${loaded.p50} ms, in quiet ${quiet.p50} ms`)
    t.ok(loaded.p99 < 2 * quiet.p99 + 1_000, `p99 ${loaded.p99} ms, in quiet ${quiet.p99} ms`)
    t.match(await trial.compareBooks(), { lost: 0, duplicated: 0, inOrder: true })
    t.same(trial.lost, [])
  },
)
