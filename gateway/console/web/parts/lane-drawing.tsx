import type { LaneSnapshot } from '../../../../edge/messages/up.js'
import { vehiclePlace, type VehiclePlace } from '../view.js'
import { useWords } from '../words.js'

/**
 * The lane from above, to scale: ten units a metre, from 11 m to 35 m along it. Entry loop 20-22 m,
 * stop line 23 m, bar 25 m, exit loop 24-27 m. The vehicle is drawn where the loops say it is and
 * nowhere else; what is not known is drawn as a question, never as empty.
 */
const originM = 11
const lengthM = 24
const at = (metres: number) => (metres - originM) * 10

/** Where the vehicle's nose is drawn, in metres along the lane. */
const noseM: Readonly<Record<Exclude<VehiclePlace, 'none' | 'unknown'>, number>> = {
  atStopLine: 22.7,
  underBar: 28,
  leaving: 34,
}
const vehicleM = 9.5
/** Degrees that the arm is turned aside. Half way where it moves or is stuck. */
const armDegrees: Readonly<Record<LaneSnapshot['barrier'], number>> = {
  lowered: 0,
  moving: 42,
  blocked: 24,
  raised: 82,
  unknown: 0,
}

export function LaneDrawing({ lane }: { lane: LaneSnapshot }) {
  const words = useWords()
  const place = vehiclePlace(lane)
  const label = words.t('console.drawing', {
    lane: lane.lane,
    barrier: words.of('barrier', lane.barrier),
    light: words.of('light', lane.light),
    entry: words.of('loop', lane.entryLoop),
    exit: words.of('loop', lane.exitLoop),
  })
  const outbound = lane.direction === 'out'
  // Outbound lanes run the other way on the page. Letters stay upright, so they are placed, not mirrored.
  const x = (metres: number) => (outbound ? lengthM * 10 - at(metres) : at(metres))
  return (
    <svg class="drawing" viewBox="0 0 240 92" role="img" aria-label={label}>
      <g transform={outbound ? 'translate(240 0) scale(-1 1)' : undefined}>
        <rect class="road" x="0" y="22" width="240" height="52" />
        <path class="kerb" d="M0 22H240M0 74H240" />
        <path class="arrow" d="M10 48h14m-5-5l5 5l-5 5M30 48h14m-5-5l5 5l-5 5" />
        <Loop fromM={20} toM={22} level={lane.entryLoop} />
        <Loop fromM={24} toM={27} level={lane.exitLoop} />
        <path class="stop-line" d={`M${at(23)} 24V72`} />
        <Vehicle place={place} />
        <rect class="post" x={at(25) - 5} y="74" width="10" height="12" rx="2" />
        <g class={`arm ${lane.barrier}`} style={{ transform: `rotate(${armDegrees[lane.barrier]}deg)` }}>
          <rect class="arm-bar" x={at(25) - 2.5} y="20" width="5" height="58" rx="2.5" />
          <path class="arm-stripes" d={`M${at(25)} 28v9M${at(25)} 46v9M${at(25)} 64v6`} />
        </g>
        <g class={`lamps ${lane.light}`}>
          <rect class="lamp-box" x={at(23) - 6} y="0" width="12" height="21" rx="3" />
          <circle class="lamp red" cx={at(23)} cy="6" r="4" />
          <circle class="lamp green" cx={at(23)} cy="15" r="4" />
        </g>
      </g>
      {lane.entryLoop === 'unknown' && <Question x={x(21)} y={52} />}
      {lane.exitLoop === 'unknown' && <Question x={x(26)} y={52} />}
      {lane.barrier === 'unknown' && <Question x={x(25)} y={84} />}
      {lane.barrier === 'blocked' && (
        <text class="mark blocked" x={x(27.2)} y="86">
          !
        </text>
      )}
    </svg>
  )
}

function Loop({ fromM, toM, level }: { fromM: number; toM: number; level: LaneSnapshot['entryLoop'] }) {
  return <rect class={`loop ${level}`} x={at(fromM)} y="28" width={(toM - fromM) * 10} height="40" rx="4" />
}

function Vehicle({ place }: { place: VehiclePlace }) {
  const shown = place !== 'none' && place !== 'unknown'
  const nose = shown ? noseM[place] : originM
  const length = vehicleM * 10
  return (
    <g class={shown ? 'vehicle' : 'vehicle gone'} style={{ transform: `translateX(${at(nose)}px)` }}>
      <rect class="trailer" x={-length} y="33" width={length - 23} height="30" rx="2" />
      <rect class="cab" x="-20" y="35" width="20" height="26" rx="4" />
      <rect class="windscreen" x="-7" y="38" width="4" height="20" rx="1.5" />
    </g>
  )
}

function Question({ x, y }: { x: number; y: number }) {
  return (
    <text class="mark unknown" x={x} y={y}>
      ?
    </text>
  )
}
