import type { AccountEntry } from '../../../messages/cargo-entities.js'
import { exampleAccount, exampleDriver, exampleLaden } from '../cargo-examples.js'
import { defaultCargoPolicy, type CargoPolicy, type Fact } from '../cargo.js'
import { exampleNowMs } from '../examples.js'
import { defaultPolicy } from '../profiles.js'
import type { DecisionInputs } from '../types.js'
import type { Cases } from './case.js'

const untrusted: DecisionInputs['now'] = { wallMs: exampleNowMs, clockQuality: 'untrusted' }
const byPolicy = (change: Partial<CargoPolicy>) => ({
  policy: { ...defaultPolicy, cargo: { ...defaultCargoPolicy, ...change } },
})
const strict = byPolicy({ arrears: { overFen: 50_000, overDays: 30 } })
const since = exampleNowMs - 30 * 86_400_000

function owing(change: Partial<AccountEntry> | null | 'unknown', now?: DecisionInputs['now']) {
  const account: Fact<AccountEntry> =
    change === null || change === 'unknown' ? change : { ...exampleAccount, ...change }
  return exampleLaden({ ...strict, ...(now === undefined ? {} : { now }), known: { account } })
}

function certified(untilMs: number, change: Partial<CargoPolicy> = {}, now?: DecisionInputs['now']) {
  const driver = { ...exampleDriver, healthCertificateValidTo: exampleNowMs + untilMs }
  return exampleLaden({
    ...byPolicy(change),
    ...(now === undefined ? {} : { now }),
    known: { drivers: { K1: driver } },
  })
}

/** Rows 64 to 67. */
export const phase7: Cases = {
  '64': {
    yes: exampleLaden({ known: { account: { ...exampleAccount, debit: 'BANK_DOWN' } } }),
    no: exampleLaden(),
    unknown: null,
  },
  '65a': {
    yes: owing({ arrearsFen: 50_001, arrearsSince: exampleNowMs }),
    no: owing({ arrearsFen: 50_000, arrearsSince: exampleNowMs }),
    unknown: owing('unknown'),
  },
  '65b': {
    yes: owing({ arrearsFen: 1, arrearsSince: since - 1 }),
    no: owing({ arrearsFen: 1, arrearsSince: since }),
    unknown: owing({ arrearsFen: 1, arrearsSince: since }, untrusted),
  },
  '66': { yes: certified(86_400_000), no: certified(90 * 86_400_000), unknown: null },
  '67a': { yes: certified(-1), no: certified(0), unknown: certified(1, {}, untrusted) },
  '67b': {
    yes: certified(-1, { healthExpired: 'advise' }),
    no: certified(0, { healthExpired: 'advise' }),
    unknown: null,
  },
}
