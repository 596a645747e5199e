import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import t, { type Test } from 'tap'
import { listWireVersion, type ListHead } from '../messages/down.js'
import { contentOf } from '../messages/list-hash.js'
import type { ListEntry } from '../messages/entities.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { openTestStore } from '../store/testing/opener.js'
import { Connection } from '../store/sqlite.js'
import { startIn } from '../../gateway/testing/gateway-under-test.js'
import { addLists } from './lists.js'

const order = (orderId: string, key: string): ListEntry => ({
  kind: 'order',
  orderId,
  agency: 'IQ',
  subject: { kind: 'PLATE', key },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 3,
  reason: '检疫',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'wang',
})
const tag = (epc: string, vehicleId = 'V1'): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId })

/** The command as a person gives it: its lines, read as JSON where it was asked so, and whether it failed. */
async function lists(...args: readonly string[]): Promise<{ lines: string[]; failed: boolean }> {
  const lines: string[] = []
  const program = new Command()
  addLists(program.exitOverride(), (line) => lines.push(line))
  const before = process.exitCode
  await program.parseAsync(['node', 'lanekeeper', 'lists', ...args])
  const failed = process.exitCode === 1
  process.exitCode = before
  return { lines, failed }
}
const read = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

/** A gateway with a little history, stopped again; the link signs in while it runs. */
async function gatewayFolder(
  t: Test,
  whileRunning: (link: string, dir: string) => Promise<void> = async () => {},
) {
  const dir = t.testdir()
  const gateway = await startIn(t, dir)
  await gateway.signIn()
  const change = (list: string, upserts: readonly ListEntry[], deletes: readonly string[] = []) =>
    gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
  await change('tags', [tag('E2A1'), tag('E2A2')])
  await change('tags', [tag('E2A2', 'V2'), tag('E2A3')], ['E2A1'])
  await change('orders', [order('O-1', '粤B12345')])
  await whileRunning(gateway.gateway.operatorLink(), path.join(dir, 'data'))
  await gateway.close()
  return path.join(dir, 'data')
}

t.test('status, verify, diff and find say the same at a folder and at a gateway that runs', async (t) => {
  let overTheApi: string[] = []
  const dir = await gatewayFolder(t, async (link, dir) => {
    await t.rejects(lists('status', '--gateway', dir), { message: /a gateway runs on this folder/ })
    overTheApi = (await lists('diff', 'tags', '--link', link, '--json')).lines
  })
  const status = read((await lists('status', '--gateway', dir, '--json')).lines)
  t.match(
    status.find(({ list }) => list === 'tags'),
    { version: 3, count: 2, maxAgeMs: 14_400_000, signed: 'not kept here' },
  )
  t.match(
    status.find(({ list }) => list === 'orders'),
    { version: 2, count: 1, maxAgeMs: 14_400_000, maxAgeLadenMs: 600_000 },
  )
  const verified = await lists('verify', '--gateway', dir, '--json')
  t.notOk(verified.failed)
  t.ok(read(verified.lines).every(({ holds }) => holds === true))
  t.equal(verified.lines.length, 18)

  const diff = (await lists('diff', 'tags', '--gateway', dir, '--json')).lines
  t.same(read(diff), [
    { what: 'changed', key: 'E2A2', entry: tag('E2A2', 'V2') },
    { what: 'added', key: 'E2A3', entry: tag('E2A3') },
    { what: 'gone', key: 'E2A1' },
    { from: 2, to: 3, added: 1, changed: 1, gone: 1 },
  ])
  t.same(overTheApi, diff)
  await t.rejects(lists('diff', 'tags', '--gateway', dir, '--from', '9'), {
    message: /does not keep tags version 9/,
  })
})

t.test('find says why a plate is on a list, since when and by whom, in any spelling', async (t) => {
  const dir = await gatewayFolder(t)
  const found = read((await lists('find', ' 粤b·12345', '--gateway', dir, '--json')).lines)
  t.match(found, [
    {
      list: 'orders',
      key: 'O-1',
      at: ['subject.key'],
      history: [{ since: 2, sinceBy: 'operator', until: null, entry: { reason: '检疫' } }],
    },
  ])
  const words = (await lists('find', 'E2A2', '--gateway', dir)).lines.join('\n')
  t.match(words, /tags E2A2 \(epc\)/)
  t.match(words, /since v2 \(.* by operator\) until v3 \(.* by operator\)\n {2}since v3 .* until now/)
  const nothing = await lists('find', 'E2FF', '--gateway', dir)
  t.ok(nothing.failed, 'a search without a find fails, so that a script sees it')
})

t.test('an edge is compared with its gateway, and an altered entry at the edge is found', async (t) => {
  const gatewayDir = await gatewayFolder(t)
  const edgeDir = path.join(gatewayDir, '..', 'edge')
  const entries = [tag('E2A2', 'V2'), tag('E2A4')]
  const store = await openTestStore(edgeDir, new MemoryControl())
  const content = contentOf(entries)
  const head: ListHead = { v: listWireVersion, list: 'tags', version: 3, publishedAt: 1, ...content }
  const all = (async function* each() {
    yield* await Promise.resolve(entries)
  })()
  t.match(await store.lists.applyFull(head, all), { ok: true })
  await store.close()

  t.notOk((await lists('verify', '--edge', edgeDir)).failed)
  const diff = read((await lists('diff', 'tags', '--edge', edgeDir, '--gateway', gatewayDir, '--json')).lines)
  t.same(diff.map(({ what, key }) => [what, key]).slice(0, 2), [
    ['added', 'E2A3'],
    ['gone', 'E2A4'],
  ])
  const file = await Connection.open(path.join(edgeDir, 'lists.db'), false)
  await file.exec(`UPDATE entries SET body = replace(body, 'V2', 'V9')`)
  await file.close()
  const broken = await lists('verify', '--edge', edgeDir, '--list', 'tags')
  t.ok(broken.failed)
  t.match(broken.lines.join('\n'), /the entry E2A2 is not what its hash says; the content hashes to/)
  await t.rejects(lists('verify', '--edge', edgeDir, '--root', 'x'), {
    message: /whose folder has trust.json/,
  })
})

t.test('export writes a version that can be read again', async (t) => {
  const dir = await gatewayFolder(t)
  const out = path.join(dir, '..', 'tags.ndjson')
  await lists('export', 'tags', '--gateway', dir, '--to-version', '2', '--out', out)
  t.same(read(readFileSync(out, 'utf8').trim().split('\n')), [tag('E2A1'), tag('E2A2')])
  writeFileSync(out, 'mine')
  await t.rejects(lists('export', 'tags', '--gateway', dir, '--out', out), { code: 'EEXIST' })
  await t.rejects(lists('status'), { message: /name one place/ })
})
