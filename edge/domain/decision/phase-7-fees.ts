import type { AccountEntry } from '../../messages/cargo-entities.js'
import type { CargoPolicy } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { no, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import type { Tri } from './types.js'
import { hasEnded } from './validity.js'
import type { View } from './view.js'

const onRoad = { crossings: ['RI', 'RO'], loads: 'all' } as const
const dayMs = 86_400_000

/**
 * Phase 7: fees and reminders. An advisory's prompt is what the board shows after the release; it takes
 * nothing from it.
 */
export const fees: readonly Rule[] = [
  {
    ...onRoad,
    id: '64',
    row: 64,
    code: 'FEE-01',
    condition: 'balance below lowBalanceFen, a debit under way, or the bank does not answer',
    conditionZh: '余额不足、扣款处理中，或银行无应答',
    outcome: 'none',
    unknown: null,
    advisory: 'TOP_UP',
    prompt: 'prompt.topUp',
    source: 'domain.md 6.2 row 64',
    when: ({ cargo: { facts, policy } }) => {
      const { account } = facts
      if (!isEntry(account)) return no
      const low = account.balanceFen < policy.lowBalanceFen
      return low || account.debit !== 'SETTLED' ? yes({ debit: account.debit }) : no
    },
  },
  {
    ...onRoad,
    id: '65a',
    row: 65,
    code: 'FEE-02',
    condition: 'arrears over the limit, or no account (off by default)',
    conditionZh: '欠费超过限额，或无账户（默认不启用）',
    outcome: 'hold',
    unknown: 'SYS-04',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 65; 6.5 arrears HOLD off',
    when: (view) => {
      const { account } = view.cargo.facts
      const limit = view.cargo.policy.arrears
      if (limit === null) return no
      if (account === null) return view.cargo.needs('account') ? yes({ missing: 'account' }) : no
      if (account === 'unknown') return whereNeeded(view, 'account', unknown({ missing: 'account' }))
      if (account.arrearsFen > limit.overFen) return yes({ arrearsFen: String(account.arrearsFen) })
      // It says that something is owed, and not since when: row 65b cannot count the days.
      const undated = account.arrearsFen > 0 && account.arrearsSince === null
      return undated ? whereNeeded(view, 'account', unknown({ missing: 'arrearsSince' })) : no
    },
  },
  {
    ...onRoad,
    id: '65b',
    row: 65,
    code: 'FEE-02',
    condition: 'arrears for more than the days allowed (off by default)',
    conditionZh: '欠费超过规定天数（默认不启用）',
    outcome: 'hold',
    unknown: 'SYS-03',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 65; law 6',
    when: (view) => {
      const { account } = view.cargo.facts
      const limit = view.cargo.policy.arrears
      if (limit === null || !isEntry(account)) return no
      const evidence = { account: account.companyId }
      const tooLong = owesTooLong(account, limit, view)
      if (tooLong === 'unknown') return whereNeeded(view, 'account', unknown(evidence))
      return tooLong ? yes(evidence) : no
    },
  },
  {
    ...onRoad,
    id: '66',
    row: 66,
    code: 'HLT-02',
    condition: 'the driver’s health certificate ends within healthSoonMs',
    conditionZh: '司机健康证即将到期',
    outcome: 'none',
    unknown: null,
    advisory: 'HEALTH_SOON',
    prompt: 'prompt.healthSoon',
    source: 'domain.md 6.2 row 66',
    when: (view) => {
      const { driver, policy } = view.cargo
      const validTo = isEntry(driver) ? driver.healthCertificateValidTo : undefined
      if (validTo === undefined || hasEnded(validTo, view.inputs.now) !== false) return no
      return validTo - view.inputs.now.wallMs <= policy.healthSoonMs ? yes() : no
    },
  },
  {
    ...onRoad,
    id: '67a',
    row: 67,
    code: 'HLT-03',
    condition: 'the driver’s health certificate has ended, and the policy holds for it',
    conditionZh: '司机健康证已过期（配置为转查验）',
    outcome: 'hold',
    unknown: 'SYS-03',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 67; law 6',
    when: (view) => (view.cargo.policy.healthExpired === 'hold' ? unhealthy(view) : no),
  },
  {
    ...onRoad,
    id: '67b',
    row: 67,
    code: 'HLT-03',
    condition: 'the driver’s health certificate has ended, and the policy only advises',
    conditionZh: '司机健康证已过期（配置为仅提示）',
    outcome: 'none',
    unknown: null,
    advisory: 'HEALTH_EXPIRED',
    prompt: 'prompt.healthSoon',
    source: 'domain.md 6.2 row 67',
    when: (view) => {
      const { yes: ended } = unhealthy(view)
      return view.cargo.policy.healthExpired === 'advise' && ended !== undefined ? yes(ended) : no
    },
  },
]

function unhealthy(view: View): Finding {
  const { driver } = view.cargo
  if (!isEntry(driver)) return no
  const evidence = { driver: driver.driverId }
  const ended = hasEnded(driver.healthCertificateValidTo, view.inputs.now)
  if (ended === 'unknown') return whereNeeded(view, 'driver', unknown(evidence))
  return ended ? yes(evidence) : no
}

/** How long something is owed nobody can tell by a clock that is not trusted. */
function owesTooLong(
  { arrearsFen, arrearsSince }: AccountEntry,
  { overDays }: NonNullable<CargoPolicy['arrears']>,
  { inputs: { now } }: View,
): Tri {
  return arrearsFen > 0 && arrearsSince !== null && hasEnded(arrearsSince + overDays * dayMs, now)
}
