import { readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { systemClock, type Clock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { describeProblems } from '../base/result.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListEntry } from '../messages/entities.js'
import { openEdgeStore } from '../store/index.js'
import { ListTrust } from '../uplink/list-trust.js'
import { openTrustFiles } from '../uplink/trust-file.js'
import { trustCopyNames, type ListPlan, type PlannedChange } from './list-plan.js'

/**
 * A process that does nothing but bring lists into force as an edge does (proof, then content), for whoever kills it or
 * records its writes: `node list-writer.js <plan.json> <data folder> <first step>`. Says what it has done on standard
 * output (list-plan.ts) and ends with code 1 where a change was refused.
 */
const [planFile = '', dataDir = '', firstStep = '0'] = process.argv.slice(2)
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as ListPlan

/** Entries between two marks of a load that comes in. */
const markEvery = 100

const clock: Clock = {
  now: () => ({ wallMs: plan.wallMs, monoMs: systemClock.now().monoMs }),
  after: (name, delayMs, run) => systemClock.after(name, delayMs, run),
}
const mark = (line: string): void => {
  writeSync(1, `${line}\n`)
}

const [first, second] = trustCopyNames
const files = await openTrustFiles({
  rootFile: plan.rootFile,
  copies: [path.join(dataDir, first), path.join(dataDir, second)],
  site: plan.site,
  builtAtMs: 0,
  log: silentLogger,
})
const store = await openEdgeStore({
  dataDir,
  edgeId: 'edge-1',
  clock,
  log: silentLogger,
  onFault: () => undefined,
  control: new MemoryControl(),
  retention: { ballastBytes: 0, freeMinBytes: 1 },
})
const trust = new ListTrust({
  state: files.state,
  keep: files.keep,
  clock,
  log: silentLogger,
  onFault: (change) => {
    if (change.is === 'raised') throw new Error(`${change.code}: ${change.detail}`)
  },
  onHeads: () => undefined,
})

/** The entries as a download brings them: a few at a time, with other work in between. */
async function* arriving(list: string, entries: readonly ListEntry[]): AsyncIterable<ListEntry> {
  for (const [n, entry] of entries.entries()) {
    if (n % markEvery === 0) {
      mark(`staged ${list} ${n}`)
      await setTimeout(1)
    }
    yield entry
  }
  mark(`verify ${list}`)
}

async function change(planned: PlannedChange): Promise<void> {
  const { head } = planned
  if (!trust.isNamed(head)) throw new Error(`version ${head.version} of ${head.list} was not proven`)
  if (planned.by === 'delta') mark(`verify ${head.list}`)
  const result =
    planned.by === 'full'
      ? await store.lists.applyFull(head, arriving(head.list, planned.entries))
      : await store.lists.applyDelta(planned.delta)
  if (!result.ok) throw new Error(describeProblems(result.problems))
  mark(`done ${head.list} ${head.version}`)
  await store.lists.confirm(head, plan.wallMs + head.version)
}

for (const [n, step] of plan.steps.entries()) {
  if (n < Number(firstStep)) continue
  mark(`begin ${n}`)
  trust.take(Buffer.from(step.proof))
  await trust.settled()
  mark(`kept ${n}`)
  await Promise.all(step.changes.map(change))
  // What was replaced is freed while nothing else is written, and can be cut there too.
  await setTimeout(30)
}
await trust.close()
await store.close()
