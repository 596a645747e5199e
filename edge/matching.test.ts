import t from 'tap'
import { systemClock } from './base/clock.js'
import {
  exampleAccount,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDriver,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTrip,
  exampleTruck,
} from './domain/decision/cargo-examples.js'
import { exampleNowMs } from './domain/decision/examples.js'
import type { Sensed } from './interfaces/reader.js'
import { listOf, type ControlOrder, type ListEntry } from './messages/entities.js'
import { edgeAtGateway } from './testing/edge-at-gateway.js'
import { startIn } from '../gateway/testing/gateway-under-test.js'

/**
 * Every subject that an order may name, from the order at the gateway to the hold in the lane: real gateway, broker,
 * store and lane, and a truck of which everything is sensed.
 */

const tid = 'E28011606000020612345678'
const iq = exampleDeclaration()
const plate = exampleTruck.plates[0]?.text ?? ''

interface Case {
  readonly what: string
  readonly subject: ControlOrder['subject']
  readonly more?: Partial<ControlOrder>
  /** Found among the evidence of the hold, by kind. */
  readonly evidence?: string
}

const cases: readonly Case[] = [
  { what: 'the EPC of its tag', subject: { kind: 'TAG', key: 'E1' } },
  { what: 'the TID of its tag, typed in small letters', subject: { kind: 'TAG', key: tid.toLowerCase() } },
  { what: 'a plate', subject: { kind: 'PLATE', key: plate } },
  {
    what: 'part of a plate',
    subject: { kind: 'PLATE_PATTERN', key: `${plate.slice(0, -1)}?` },
    more: { patternMayIntercept: true },
  },
  { what: 'the vehicle', subject: { kind: 'VEHICLE', key: 'V1' } },
  { what: 'its company', subject: { kind: 'COMPANY', key: exampleCompany.companyId } },
  { what: 'the driver', subject: { kind: 'DRIVER', key: exampleDriver.driverId } },
  { what: 'a container', subject: { kind: 'CONTAINER', key: 'tclu 426544-9' } },
  { what: 'a declaration', subject: { kind: 'DECLARATION', key: iq.declarationNo } },
  { what: 'a seal', subject: { kind: 'SEAL', key: exampleSeal.sealId } },
  { what: 'the class of its goods', subject: { kind: 'GOODS_CLASS', key: iq.goodsClass } },
  {
    what: 'where its goods come from',
    subject: { kind: 'ORIGIN_AREA', key: (iq.originArea ?? '').toLowerCase() },
  },
]

const everything: readonly ListEntry[] = [
  { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' },
  exampleTruck,
  exampleAccount,
  exampleCompany,
  exampleContainer,
  iq,
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS', goodsClass: 'other', originArea: 'ZZ' }),
  exampleDriver,
  exampleManifest,
  exampleRelease(),
  exampleSeal,
  exampleTrip,
]

const findings: readonly Sensed[] = [
  { of: 'card', cardNo: exampleDriver.cardNo },
  { of: 'container', number: exampleBox, confidence: 0.98 },
  { of: 'seal', sealId: exampleSeal.sealId, status: 'CLOSED', openedAt: null, batteryLow: false },
]

/** The papers of the example as of today: whatever is near its time is as near to ours. */
function today(entry: ListEntry): ListEntry {
  const byMs = Math.round(systemClock.now().wallMs) - exampleNowMs
  const near = (value: unknown): boolean =>
    typeof value === 'number' && Math.abs(value - exampleNowMs) < 400 * 86_400_000
  return JSON.parse(JSON.stringify(entry), (_name, value: unknown) =>
    near(value) ? Number(value) + byMs : value,
  ) as ListEntry
}

t.test('an order holds by every name that it may be placed on, from the gateway to the lane', async (t) => {
  const dir = t.testdir({})
  const gateway = await startIn(t, dir, { predecision: { enabled: false } })
  await gateway.signIn()
  const change = async (list: string, upserts: readonly ListEntry[], deletes: string[] = []) => {
    const { status, body } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
    if (status >= 300) throw new Error(`${list}: ${JSON.stringify(body)}`)
  }
  for (const entry of everything) await change(listOf(entry), [today(entry)])
  const edge = await edgeAtGateway(t, gateway, dir, { lane: { profile: 'roadInLaden' } })
  const { hardware, eventually, of } = edge
  const versionOf = (list: string) => edge.edge.health().lists.find((held) => held.list === list)
  const isReady = await eventually(
    () =>
      edge.edge.health().clockQuality !== 'untrusted' &&
      edge.edge.health().lists.length > 10 &&
      edge.edge.health().lists.every(({ confirmedAt }) => confirmedAt !== null),
    20_000,
  )
  t.ok(isReady, isReady ? 'ready' : JSON.stringify(edge.edge.health()))

  const come = async (): Promise<Record<string, unknown> | undefined> => {
    const before = of('escalationOpened').length
    hardware.sense({ entryLoop: 'occupied' })
    for (let n = 0; n < 3; n += 1) hardware.hear('E1', tid)
    for (const sensed of findings)
      hardware.read({
        ...{ kind: 'device', readerId: hardware.readerId, antenna: '1', zone: null, readerAtMs: null },
        heardAt: systemClock.now(),
        sensed,
      })
    await eventually(() => of('escalationOpened').length > before, 12_000)
    return of('escalationOpened')[before]?.body
  }
  const leave = async (): Promise<void> => {
    const before = of('passageEnded').length
    hardware.backOut()
    await eventually(() => of('passageEnded').length > before)
  }
  const inForce = async (count: number): Promise<void> => {
    t.ok(await eventually(() => versionOf('orders')?.count === count), `${count} orders in force`)
  }

  for (const [n, { what, subject, more }] of cases.entries()) {
    const orderId = `BK-${n}`
    const placed: ControlOrder = {
      ...{ kind: 'order', orderId, agency: 'CUSTOMS', subject, action: 'INTERCEPT', nature: 'OPEN' },
      ...{ level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'li', ...more },
    }
    await change('orders', [placed])
    await inForce(1)
    const shown = await come()
    t.match(shown, { outcome: 'hold', interceptOrderIds: [orderId] }, what)
    await leave()
    await change('orders', [], [orderId])
    await inForce(0)
  }

  const other = {
    kind: 'order',
    orderId: 'BK-X',
    agency: 'CUSTOMS',
    action: 'INTERCEPT',
    nature: 'OPEN',
  } as const
  const rest = { level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'li' }
  const strangers = cases
    .filter(({ subject }) => subject.kind !== 'PLATE_PATTERN')
    .map(({ subject }, n): ControlOrder => ({
      ...{ ...other, ...rest, orderId: `BK-X${n}`, subject: { kind: subject.kind, key: `X${n}` } },
    }))
  await change('orders', strangers)
  await inForce(strangers.length)
  t.strictSame((await come())?.['interceptOrderIds'] ?? [], [], 'orders on other names hold nobody')
  await leave()
})
