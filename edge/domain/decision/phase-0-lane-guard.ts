import { no, unknown, yes, type Rule } from './rule.js'

const everywhere = { crossings: 'all', loads: 'all' } as const

/** Phase 0: may this lane judge anybody at this moment? */
export const laneGuard: readonly Rule[] = [
  {
    ...everywhere,
    id: '1',
    row: 1,
    code: 'LANE-01',
    condition: 'the lane is not in AUTO, ATTENDED or SHADOW',
    conditionZh: '通道未处于自动、有人确认或双轨试运行方式',
    outcome: 'escalate',
    unknown: null,
    prompt: 'prompt.otherLane',
    source: 'domain.md 6.2 row 1',
    when: ({ inputs: { mode } }) =>
      mode === 'AUTO' || mode === 'ATTENDED' || mode === 'SHADOW' ? no : yes({ mode }),
  },
  {
    ...everywhere,
    id: '2',
    row: 2,
    code: 'LANE-02',
    condition: 'an emergency order holds everybody',
    conditionZh: '应急指令生效，全部车辆停止放行',
    outcome: 'escalate',
    safety: true,
    unknown: null,
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 2',
    when: ({ inputs: { incidentId } }) => (incidentId === null ? no : yes({ incidentId })),
  },
  {
    ...everywhere,
    id: '3',
    row: 3,
    code: 'LANE-03',
    condition: 'two vehicles in the lane, tail-gating, or reversing into an open passage',
    conditionZh: '通道内有两辆车、尾随，或倒车进入未结束的通行',
    outcome: 'escalate',
    safety: true,
    unknown: 'SYS-01',
    prompt: 'prompt.back',
    source: 'domain.md 6.2 row 3',
    when: ({ inputs: { observations } }) => ofTri(observations.lane.intrusion, 'intrusion'),
  },
  {
    ...everywhere,
    id: '4',
    row: 4,
    code: 'LANE-04',
    condition: 'the passage of the vehicle before is not closed',
    conditionZh: '前车的通行尚未结束',
    outcome: 'escalate',
    unknown: 'SYS-01',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 4',
    when: ({ inputs: { observations } }) => {
      const closed = observations.lane.previousClosed
      return ofTri(closed === 'unknown' ? closed : !closed, 'previousClosed')
    },
  },
]

function ofTri(value: boolean | 'unknown', what: string) {
  if (value === 'unknown') return unknown({ missing: what })
  return value ? yes() : no
}
