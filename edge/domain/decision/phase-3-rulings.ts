import type { DeclarationEntry } from '../../messages/cargo-entities.js'
import { amongDeclarations, hasBadResult, hasPassed, isCustoms, onTrip } from './documents.js'
import { standingOf } from './releases.js'
import { few, no, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import { sealStandsForInspection } from './seals.js'
import type { View } from './view.js'

const laden = { crossings: 'all', loads: ['L'] } as const

/** Phase 3, rows 32 to 36: what do inspection (IQ) and customs say of the goods? */
export const rulings: readonly Rule[] = [
  {
    ...laden,
    id: '32',
    row: 32,
    code: 'INS-01',
    condition: 'IQ rules INSPECT, and neither a PASS nor verified seals of a straight release answer it',
    conditionZh: '检验检疫裁定查验，且尚无合格结果，亦无直通放行验封相符',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'INSPECT',
    // Worth waiting for only while the seals that may answer it are still being read.
    patienceLeftMs: sealsWaitMs,
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 rows 32, 39 and 55',
    when: (view) => {
      const sealed = sealStandsForInspection(view)
      const answered = sealed === true ? false : sealed === 'unknown' ? sealed : true
      return amongDeclarations(view, (declaration) =>
        isRuledByIq(view, declaration, 'INSPECT') ? answered : false,
      )
    },
  },
  {
    ...laden,
    id: '33a',
    row: 33,
    code: 'INS-02',
    condition: 'IQ rules DOCS, and there is no PASS yet',
    conditionZh: '检验检疫裁定查单，且尚无合格结果',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'DOCS',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 33',
    when: (view) => amongDeclarations(view, (declaration) => isRuledByIq(view, declaration, 'DOCS')),
  },
  {
    ...laden,
    id: '33b',
    row: 33,
    code: 'INS-02',
    condition: 'the lane needs a ruling of IQ, and there is none yet',
    conditionZh: '本通道需检验检疫裁定，但尚未作出',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'DOCS',
    prompt: 'prompt.office',
    source: 'domain.md 6.1 (default deny), 6.2 row 33',
    when: (view) =>
      amongDeclarations(view, (declaration) => {
        const isMeant = view.cargo.needs('iq') && declaration.agency === 'IQ'
        return isMeant && declaration.ruling === null && !hasPassed(view, declaration)
      }),
  },
  {
    ...laden,
    id: '34a',
    row: 34,
    code: 'INS-03',
    condition: 'the result of IQ is FAIL or RETURN, or TREAT and the treatment is not done',
    conditionZh: '检验检疫结果为不合格、退运，或须处理而未完成',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.notReleased',
    source: 'domain.md 6.2 row 34',
    when: (view) =>
      amongDeclarations(view, (declaration) => !isCustoms(declaration) && hasBadResult(declaration)),
  },
  {
    ...laden,
    id: '34b',
    row: 34,
    code: 'INS-03',
    condition: 'IQ has taken its release back, and given no other',
    conditionZh: '检验检疫已撤回放行指令，且无新指令',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.notReleased',
    source: 'domain.md 5.2 (revocation beats an unconsumed release), 6.2 row 34',
    when: (view) => takenBack(view, 'IQ'),
  },
  {
    ...laden,
    id: '35a',
    row: 35,
    code: 'CUS-01',
    condition: 'the lane needs the release of customs, and there is none, nor a lift in answer',
    conditionZh: '本通道需海关放行，但无放行指令，也无抬杆答复',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.customs',
    source: 'domain.md 6.2 row 35',
    when: (view) =>
      withoutLift(view, () => {
        if (view.cargo.facts.releases === 'unknown') return unknown({ missing: 'releases' })
        const { missing } = standingOf(view, 'CUSTOMS')
        return missing.length > 0 ? yes({ missing: few(missing) }) : no
      }),
  },
  {
    ...laden,
    id: '35b',
    row: 35,
    code: 'CUS-01',
    condition: 'the lane needs the release of customs, and its validity has ended',
    conditionZh: '本通道需海关放行，但放行指令已过有效期',
    outcome: 'hold',
    // By an untrusted clock nothing that permits is valid.
    unknown: 'SYS-03',
    prompt: 'prompt.customs',
    source: 'domain.md 6.2 row 35; law 6',
    when: (view) =>
      withoutLift(view, () => {
        const { ranOut } = standingOf(view, 'CUSTOMS')
        if (ranOut.length === 0) return no
        const evidence = { releases: few(ranOut) }
        return view.inputs.now.clockQuality === 'untrusted' ? unknown(evidence) : yes(evidence)
      }),
  },
  {
    ...laden,
    id: '35c',
    row: 35,
    code: 'CUS-01',
    condition: 'customs has taken its release back, and given no other',
    conditionZh: '海关已撤回放行指令，且无新指令',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.customs',
    source: 'domain.md 5.2 (revocation beats an unconsumed release), 6.2 row 35',
    when: (view) => takenBack(view, 'CUSTOMS'),
  },
  {
    ...laden,
    id: '36a',
    row: 36,
    code: 'CUS-02',
    condition: 'customs answers anything but lift or lock (CHECK_RESULT; 7365 = 5 or 6)',
    conditionZh: '海关答复不抬杆（CHECK_RESULT；7365 = 5、6）',
    outcome: 'hold',
    // Row 71 speaks of an answer that is not there.
    unknown: null,
    prompt: 'prompt.customs',
    source: 'domain.md 6.2 row 36; 4.1; 4.5',
    when: (view) => answered(view, (result) => result !== 'LIFT' && result !== 'LOCK'),
  },
  {
    ...laden,
    id: '36b',
    row: 36,
    code: 'CUS-02',
    condition: 'customs answers lock (7365 = 7, detained)',
    conditionZh: '海关答复扣留（7365 = 7）',
    outcome: 'lock',
    unknown: null,
    prompt: 'prompt.customs',
    source: 'domain.md 6.2 row 36; 4.5',
    when: (view) => answered(view, (result) => result === 'LOCK'),
  },
  {
    ...laden,
    id: '36c',
    row: 36,
    code: 'CUS-02',
    condition: 'customs rules INSPECT or DOCS on a declaration without a PASS, or its result is against it',
    conditionZh: '海关对申报单裁定查验或查单且无合格结果，或结果不合格',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.customs',
    source: 'domain.md 6.2 row 36',
    when: (view) =>
      amongDeclarations(view, (declaration) => {
        if (!isCustoms(declaration)) return false
        if (hasBadResult(declaration)) return true
        const isToBeSeen = declaration.ruling === 'INSPECT' || declaration.ruling === 'DOCS'
        return isToBeSeen && !hasPassed(view, declaration)
      }),
  },
]

function isRuledByIq(view: View, declaration: DeclarationEntry, ruling: 'INSPECT' | 'DOCS'): boolean {
  return !isCustoms(declaration) && declaration.ruling === ruling && !hasPassed(view, declaration)
}

function sealsWaitMs(view: View): number {
  if (sealStandsForInspection(view) !== 'unknown') return 0
  return view.inputs.policy.identifyWithinMs - view.inputs.observations.lane.presentForMs
}

/** A release that was taken back counts in every lane; that nobody knows of any, where the agency's word is needed. */
function takenBack(view: View, agency: 'IQ' | 'CUSTOMS'): Finding {
  return onTrip(view, () => {
    const need = agency === 'IQ' ? 'iq' : 'customs'
    if (view.cargo.facts.releases === 'unknown')
      return whereNeeded(view, need, unknown({ missing: 'releases' }))
    const back = standingOf(view, agency).takenBack
    return back.length > 0 ? yes({ releases: few(back) }) : no
  })
}

/** Where customs has lifted, or may still do so (row 71 waits for it), no instruction is asked for. */
function withoutLift(view: View, when: () => Finding): Finding {
  const { needs, facts } = view.cargo
  if (!needs('customs')) return no
  if (facts.customs?.is === 'waiting') return no
  if (facts.customs?.is === 'answered' && facts.customs.result === 'LIFT') return no
  return onTrip(view, when)
}

/** The hint is what customs wants the driver to be told (OP_HINT). */
function answered({ cargo }: View, isMeant: (result: string) => boolean): Finding {
  const { customs } = cargo.facts
  if (customs?.is !== 'answered' || !isMeant(customs.result)) return no
  return yes({ result: customs.result, ...(customs.hint === '' ? {} : { hint: customs.hint.slice(0, 100) }) })
}
