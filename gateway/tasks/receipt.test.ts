import { chmodSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import {
  exampleBox,
  exampleLaden,
  exampleTrip,
  exampleDeclaration,
} from '../../edge/domain/decision/cargo-examples.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import type { ReceiptObservation } from '../../edge/domain/decision/cargo.js'
import { decide } from '../../edge/domain/decision/decide.js'
import type { Sensed } from '../../edge/interfaces/reader.js'
import { receiptSensed } from '../../edge/lane/receipt-check.js'
import type { ReleaseEntry } from '../../edge/messages/cargo-entities.js'
import { listOf } from '../../edge/messages/entities.js'
import type { InspectionState, ReceiptState } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import { site, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

async function open(t: Test, dir: string, more: Record<string, unknown> = {}): Promise<GatewayUnderTest> {
  const gateway = await startIn(t, dir, { predecision: { enabled: false }, ...more })
  await gateway.signIn()
  return gateway
}

interface Page {
  readonly receipts: readonly ReceiptState[]
  readonly publicKey: string
}

const receiptsOf = async (gateway: GatewayUnderTest) => (await gateway.get<Page>('/api/receipts')).body

const seen = (
  text: string,
  publicKey: string,
  on: { site?: string; wallMs?: number; clockQuality?: 'untrusted' } = {},
) => receiptSensed(text, { keys: [publicKey], site, wallMs: Date.now(), clockQuality: 'synchronised', ...on })

/** As a seaport gate out to the country sees it where no release message of IQ has come. */
function judged(shown: Sensed | null, releases: readonly ReleaseEntry[]): string {
  if (shown?.of !== 'receipt') throw new Error('no receipt')
  const { of: _of, ...receipt } = shown
  const inputs = exampleLaden(
    {
      seen: { receipt: receipt satisfies ReceiptObservation },
      known: { releases: [...others, ...releases] },
    },
    cargoProfiles.seaOutLaden,
  )
  const declarations = { ...inputs.facts.cargo?.declarations, IQ1: exampleDeclaration({ ruling: 'INSPECT' }) }
  const cargo = inputs.facts.cargo && { ...inputs.facts.cargo, declarations }
  return decide({ ...inputs, facts: { ...inputs.facts, ...(cargo && { cargo }) } }).outcome
}
const others = (exampleLaden().facts.cargo?.releases as readonly ReleaseEntry[]).filter(
  ({ agency }) => agency !== 'IQ',
)

t.test(
  'a passed inspection gives a receipt that a lane accepts once, and no lane a second time (scenario 25)',
  async (t) => {
    const gateway = await open(t, t.testdir())
    await gateway.post(`/api/lists/${listOf(exampleTrip)}/changes`, { upserts: [exampleTrip], deletes: [] })
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const at = { lane: 'lane-1', passageId: 'p1' }
    await edge.sendEvents([
      chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
      chain.next(
        'inspectionAsked',
        { reasons: ['INS-01'], containers: [exampleBox], tripId: 'T1', obligations: [] },
        at,
      ),
    ])
    const steps = [
      { do: 'assign', inspector: 'operator' },
      { do: 'checkIn' },
      { do: 'start' },
      { do: 'result', result: 'PASS' },
      { do: 'close' },
    ]
    for (const [index, what] of steps.entries()) {
      t.equal(
        (await gateway.post('/api/inspections/p1.i1', { version: index + 1, what })).status,
        200,
        what.do,
      )
    }
    const { receipts, publicKey } = await receiptsOf(gateway)
    const task = (await gateway.get<InspectionState>('/api/inspections/p1.i1')).body
    t.equal(receipts.length, 1)
    const [receipt] = receipts
    if (!receipt) return
    t.match(task.receipt, { receiptId: receipt.receiptId, text: receipt.text })
    t.match(receipt, {
      agency: 'IQ',
      subject: { kind: 'TRIP', key: 'T1' },
      issuedBy: 'operator',
      used: null,
      site,
    })
    t.ok(receipt.text.length < 400, `${receipt.text.length} characters fit a QR code`)

    const shown = seen(receipt.text, publicKey)
    t.match(shown, { of: 'receipt', receiptId: receipt.receiptId, signatureValid: true, used: false })
    t.equal(judged(shown, []), 'release')
    const used = {
      tripId: null,
      declarationNos: [],
      releaseIds: [],
      certificateNos: [],
      sealIds: [],
      containers: [exampleBox],
      receiptId: receipt.receiptId,
    }
    const p2 = { lane: 'lane-1', passageId: 'p2' }
    const crossing = [
      chain.next('passageOpened', { passageNo: 2, direction: 'in', cause: 'loop' }, p2),
      chain.next('consumed', used, p2),
    ]
    await edge.sendEvents(crossing)
    await edge.sendEvents(crossing)
    const { entries } = (await gateway.get<{ entries: ReleaseEntry[] }>('/api/lists/releases')).body
    t.match(entries, [{ releaseId: receipt.receiptId, agency: 'IQ', state: 'CONSUMED', usesLeft: 0 }])
    t.equal(judged(seen(receipt.text, publicKey), entries), 'hold', 'at any lane, by the list alone')
    t.match((await receiptsOf(gateway)).receipts, [{ used: { edgeId: 'edge-1', passageId: 'p2' } }])
  },
)

t.test(
  'a receipt is as good as its signature, its site and its time; where nobody can tell it is not good',
  async (t) => {
    const gateway = await open(t, t.testdir(), { inspection: { receiptIssuers: ['operator'] } })
    const asked = {
      agency: 'CUSTOMS',
      subject: { kind: 'CONTAINER', key: exampleBox },
      reason: 'message is late',
    }
    const { status, body } = await gateway.post<ReceiptState>('/api/receipts', asked)
    t.equal(status, 200)
    const { publicKey } = await receiptsOf(gateway)
    const { text } = body
    const [head = '', said = '', signature = ''] = text.split('.')
    const validity = (shown: Sensed | null) => (shown?.of === 'receipt' ? shown.signatureValid : null)
    t.equal(validity(seen(text, publicKey)), true)
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(said, 'base64url').toString()), agency: 'IQ' }),
    )
    const forged: readonly [string, Sensed | null, boolean | 'unknown' | null][] = [
      ['says something else', seen(`${head}.${other.toString('base64url')}.${signature}`, publicKey), false],
      ['other signature', seen(`${head}.${said}.${'A'.repeat(86)}`, publicKey), false],
      ['other key', seen(text, 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='), false],
      ['other site', seen(text, publicKey, { site: 'site-2' }), false],
      ['too late', seen(text, publicKey, { wallMs: Date.now() + 4 * 86_400_000 }), false],
      ['before its time', seen(text, publicKey, { wallMs: Date.now() - 3_600_000 }), false],
      ['by a clock that nobody trusts', seen(text, publicKey, { clockQuality: 'untrusted' }), 'unknown'],
      ['no receipt', seen('https://example.org/menu', publicKey), null],
      ['too long', seen(`${text}${'A'.repeat(2_000)}`, publicKey), null],
    ]
    for (const [name, shown, valid] of forged) t.equal(validity(shown), valid, name)
    const withoutKeys = receiptSensed(text, {
      keys: [],
      site,
      wallMs: Date.now(),
      clockQuality: 'synchronised',
    })
    t.equal(validity(withoutKeys), 'unknown', 'an edge without a key')
  },
)

t.test('nobody issues a receipt by hand whom the configuration does not name', async (t) => {
  const gateway = await open(t, t.testdir())
  const asked = { agency: 'IQ', subject: { kind: 'TRIP', key: 'T1' }, reason: 'please' }
  t.match(await gateway.post('/api/receipts', asked), { status: 403, body: { error: 'notAllowed' } })
  t.same((await receiptsOf(gateway)).receipts, [])
})

t.test(
  'the key is made once, for its owner alone, and a start refuses one that others may read',
  async (t) => {
    const dir = t.testdir()
    const first = await open(t, dir)
    const file = path.join(dir, 'data', 'receipt.key')
    t.equal(statSync(file).mode & 0o777, 0o600)
    const { publicKey } = await receiptsOf(first)
    const bytes = readFileSync(file, 'utf8')
    await first.close()
    const again = await open(t, dir)
    t.equal((await receiptsOf(again)).publicKey, publicKey)
    t.equal(readFileSync(file, 'utf8'), bytes)
    await again.close()
    chmodSync(file, 0o644)
    await t.rejects(startIn(t, dir), { code: 'gateway.receiptKey', message: /others may read it/ })
  },
)
