import t from 'tap'
import { exampleBox, exampleLaden } from '../../edge/domain/decision/cargo-examples.js'
import { decide } from '../../edge/domain/decision/decide.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { AlertState } from '../api/alert-schemas.js'
import type { InspectionStep } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'

const secret: ControlOrder = {
  ...{ kind: 'order', orderId: 'S-1', agency: 'IQ', subject: { kind: 'CONTAINER', key: exampleBox } },
  ...{
    action: 'INTERCEPT',
    nature: 'SECRET',
    level: 2,
    reason: 'x',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'iq',
  },
}

t.test(
  'who may know of a secret order is told when its vehicle passes inspection, and nobody else',
  async (t) => {
    const dir = t.testdir({ 'orders.ndjson': JSON.stringify(secret) })
    const gateway = await startIn(t, dir, {
      initialLists: { orders: `${dir}/orders.ndjson` },
      predecision: { enabled: false },
      secretOrderReaders: ['reader'],
    })
    await gateway.signIn()
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const inputs = exampleLaden()
    const inspected = async (passageId: string, reason: string, result: 'PASS' | 'RETURN') => {
      const at = { lane: 'lane-1', passageId }
      const asked = {
        reasons: [reason],
        containers: [exampleBox],
        tripId: passageId,
        obligations: ['INSPECT'],
      }
      await edge.sendEvents([
        chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
        chain.any(
          'decided',
          { decisionId: `${passageId}.d1`, decision: decide(inputs), inputs: { ...inputs } },
          at,
        ),
        chain.next('inspectionAsked', asked, at),
      ])
      const steps: readonly InspectionStep['what'][] = [
        { do: 'assign', inspector: 'operator', remark: '' },
        { do: 'checkIn', bay: 'B4' },
        { do: 'start' },
        { do: 'result', result, remark: 'seen' },
      ]
      for (const [index, what] of steps.entries()) {
        const done = await gateway.post(`/api/inspections/${passageId}.i1`, { version: index + 1, what })
        t.equal(done.status, 200, what.do)
      }
    }
    await inspected('p1', 'CTL-02S', 'PASS')
    await inspected('p2', 'RND-01', 'PASS')
    await inspected('p3', 'CTL-02S', 'RETURN')
    const alertsOf = async () => (await gateway.get<{ alerts: AlertState[] }>('/api/alerts')).body.alerts
    t.same(await alertsOf(), [])
    t.notMatch(JSON.stringify((await gateway.get('/api/audit')).body), /secretPassed|S-1/)
    await gateway.signIn('reader')
    const alerts = await alertsOf()
    t.match(alerts, [
      { kind: 'secretPassed', taskId: 'p1.i1', passageId: 'p1', orderIds: ['S-1'], secret: true },
    ])
    t.equal(alerts.length, 1, 'neither of a draw nor of what did not pass')
  },
)
