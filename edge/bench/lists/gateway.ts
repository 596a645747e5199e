import { createServer } from 'node:https'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { systemClock } from '../../base/clock.js'
import { silentLogger } from '../../base/log.js'
import { writeIdentity } from '../../enrol/files.js'
import type { ListHead } from '../../messages/down.js'
import { Authority } from '../../../gateway/authority/authority.js'
import { newKeyPem, publicHalf } from '../../../gateway/authority/certificates.js'
import { edgeTls } from '../../../gateway/authority/listener.js'
import { heldEntry } from '../../../gateway/domain/list-change.js'
import { Database } from '../../../gateway/store/database.js'
import { deltaFrom, entriesInTreeOrder, listHead, writeVersion } from '../../../gateway/store/lists.js'
import { migrate } from '../../../gateway/store/migrations.js'
import { machineMs } from '../machine-time.js'
import { benchLists, countOf, entryOf, spreadNumbers, type BenchList } from './entries.js'

/** Entries that one version brings: what a large import holds in memory. */
const batchEntries = 50_000
const pageRows = 2_000

/** The gateway's store of lists behind the two addresses that an edge fetches from. */
export interface ListsGateway {
  readonly url: string
  /** All entries, as versions of some ten thousand each. Milliseconds. */
  build(entries: number): Promise<number>
  /** Changes so many entries of a list as one version. Milliseconds. */
  change(list: BenchList, entries: number, changes: number): Promise<number>
  /** The delta to the newest version. Milliseconds. */
  delta(list: BenchList, from: number): Promise<number>
  close(): Promise<void>
}

export async function listsGateway(dir: string): Promise<ListsGateway> {
  const database = await Database.open({
    file: path.join(dir, 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })
  const server = createServer(await certified(dir), (request, response) => {
    const [, , , , name = '', what] = (request.url ?? '').split(/[/?]/)
    const list = benchLists.find((one) => one === name)
    if (list === undefined) response.writeHead(404).end()
    else if (what === 'delta') void answerDelta(list, Number(/from=(\d+)/.exec(request.url ?? '')?.[1]))
    else Readable.from(linesOf(database, list)).pipe(response)

    async function answerDelta(of: BenchList, from: number): Promise<void> {
      const delta = await database.read((sql) => deltaFrom(sql, of, from))
      if (delta) response.end(JSON.stringify(delta))
      else response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const write = async (list: BenchList, from: number, to: number, change: number): Promise<void> => {
    const upserts = Array.from({ length: to - from }, (_, n) => heldEntry(entryOf(list, from + n, change)))
    await database.transact((sql) => writeVersion(sql, list, { upserts, deletes: [] }, 'bench', 0))
  }
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    build: (entries) =>
      timed(async () => {
        for (const list of benchLists) {
          const count = countOf(list, entries)
          for (let at = 0; at < count; at += batchEntries)
            await write(list, at, Math.min(at + batchEntries, count), 0)
        }
      }),
    change: (list, entries, changes) =>
      timed(async () => {
        const upserts = [...new Set(spreadNumbers(changes, countOf(list, entries)))].map((n) =>
          heldEntry(entryOf(list, n, 1)),
        )
        await database.transact((sql) => writeVersion(sql, list, { upserts, deletes: [] }, 'bench', 1))
      }),
    delta: (list, from) => timed(() => database.read((sql) => deltaFrom(sql, list, from))),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.close()
    },
  }
}

/** Certificates on both sides, as in the field; the edge's is left where it looks for it. */
async function certified(dir: string): Promise<TlsOptions> {
  const folder = path.join(dir, 'authority')
  const nowMs = systemClock.now().wallMs
  const files = { keyFile: path.join(folder, 'authority.key'), certFile: path.join(folder, 'authority.pem') }
  const authority = await Authority.open({ ...files, site: 'bench', nowMs })
  const keyPem = newKeyPem()
  const edge = await authority.forEdge('edge-1', publicHalf(keyPem), nowMs, 86_400_000)
  const authorityPem = authority.certificatesPem.join('')
  const dataDir = path.join(dir, 'edge')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeIdentity(dataDir, { edgeId: 'edge-1', keyPem, certificatePem: edge.certificatePem, authorityPem })
  return {
    ...edgeTls(authority, await authority.forServer(['127.0.0.1'], nowMs)),
    rejectUnauthorized: true,
  }
}

async function* linesOf(database: Database, list: BenchList): AsyncGenerator<string> {
  const head = await database.read((sql) => listHead(sql, list))
  yield `${JSON.stringify(head)}\n`
  for (let after: string | null = ''; after !== null && head;) {
    const { entries, next } = await pageOf(database, head, after)
    if (entries.length > 0) yield `${entries.join('\n')}\n`
    after = next
  }
}

function pageOf(database: Database, head: ListHead, after: string): ReturnType<typeof entriesInTreeOrder> {
  return database.read((sql) => entriesInTreeOrder(sql, head.list, head.version, after, pageRows))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const fromMs = machineMs()
  await work()
  return machineMs() - fromMs
}
