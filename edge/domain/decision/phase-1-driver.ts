import type { VehicleEntry } from '../../messages/entities.js'
import { isEntry } from './cargo-view.js'
import { among, few, no, notYet, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import { hasEnded } from './validity.js'
import type { View } from './view.js'

const onRoad = { crossings: ['RI', 'RO'], loads: 'all' } as const

/** Phase 1, rows 15 to 17: may this vehicle of this company cross the border, and this driver with it? */
export const driver: readonly Rule[] = [
  {
    ...onRoad,
    id: '15a',
    row: 15,
    code: 'ID-09',
    condition: 'vehicle permit or company registration revoked, or not registered',
    conditionZh: '车辆通行许可或企业备案已注销，或未备案',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 15',
    when: notAdmitted,
  },
  {
    ...onRoad,
    id: '15b',
    row: 15,
    code: 'ID-09',
    condition: 'vehicle permit or company registration expired',
    conditionZh: '车辆通行许可或企业备案已过期',
    outcome: 'hold',
    // By an untrusted clock it cannot be told whether it has.
    unknown: 'SYS-03',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 15; law 6',
    when: (view) => {
      const { company } = view.cargo
      const terms = vehiclesHere(view).map((vehicle) => ({
        of: vehicle.vehicleId,
        validTo: vehicle.permitValidTo,
      }))
      if (isEntry(company)) terms.push({ of: company.companyId, validTo: company.registrationValidTo })
      const ended = among(
        'expired',
        terms,
        ({ of }) => of,
        ({ validTo }) => hasEnded(validTo, view.inputs.now),
      )
      return whereNeeded(view, 'permit', ended)
    },
  },
  {
    ...onRoad,
    id: '16a',
    row: 16,
    code: 'ID-10',
    condition: 'driver not in the registry or not active, or not bound to the vehicle and the trip',
    conditionZh: '司机未登记、已停用，或与车辆、车次不符',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'POLICE_CHECK',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 16',
    when: notThisDriver,
  },
  {
    ...onRoad,
    id: '16b',
    row: 16,
    code: 'ID-10',
    condition: 'the driver’s licence has ended',
    conditionZh: '司机驾驶证件已过期',
    outcome: 'hold',
    unknown: 'SYS-03',
    obligation: 'POLICE_CHECK',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 16; law 6',
    when: (view) => {
      const drivers = isEntry(view.cargo.driver) ? [view.cargo.driver] : []
      const ended = among(
        'drivers',
        drivers,
        ({ driverId }) => driverId,
        ({ licenceValidTo }) => hasEnded(licenceValidTo, view.inputs.now),
      )
      return whereNeeded(view, 'driver', ended)
    },
  },
  {
    ...onRoad,
    id: '16c',
    row: 16,
    code: 'ID-10',
    condition: 'the profile needs the driver, and no card was presented within identifyWithinMs',
    conditionZh: '通道要求核验司机，时限内未刷司机卡',
    outcome: 'hold',
    unknown: 'ID-10',
    obligation: 'POLICE_CHECK',
    patience: 'identifyWithinMs',
    prompt: 'prompt.presentCard',
    source: 'domain.md 6.2 row 16; row 7 (T_id)',
    when: (view) =>
      view.cargo.seen.driverCard === null && view.cargo.needs('driver') ? notYet(view, 'driverCard') : no,
  },
  {
    ...onRoad,
    id: '17',
    row: 17,
    code: 'POL-01',
    condition: 'border police says no; no answer: unknown',
    conditionZh: '边检不予放行；无答复为不明',
    outcome: 'hold',
    unknown: 'SYS-04',
    prompt: 'prompt.borderPolice',
    source: 'domain.md 6.2 row 17',
    // The reason is the police's own: it comes no further than their desk.
    when: (view) => {
      const { police } = view.cargo.facts
      if (police === 'NO') return yes()
      return police === 'OK' ? no : whereNeeded(view, 'police', unknown({ missing: 'police' }))
    },
  },
]

/** Every vehicle that is surely here: of settled tags, and of plates read with confidence. Each once. */
function vehiclesHere({ tagVehicles, confidentPlates }: View): VehicleEntry[] {
  const byId = new Map(tagVehicles.map((vehicle) => [vehicle.vehicleId, vehicle]))
  for (const { vehicle } of confidentPlates)
    if (vehicle !== null && vehicle !== 'unknown') byId.set(vehicle.vehicleId, vehicle)
  return [...byId.values()]
}

/**
 * Rows 7 to 14 speak where no vehicle is identified. A permit is needed of the vehicle that drives; one
 * that is revoked counts of its trailer as well. A vehicle that belongs to no company needs none registered.
 */
function notAdmitted(view: View): Finding {
  const { main, cargo } = view
  const { company } = cargo
  const needed = cargo.needs('permit')
  const revoked = vehiclesHere(view).filter((vehicle) => vehicle.permit === 'REVOKED')
  const vehicle = main?.vehicle
  const without = needed && vehicle !== undefined && vehicle.permit === undefined
  const companyId = vehicle?.companyId
  const unregistered = needed && companyId !== undefined && company === null
  const evidence = {
    ...(revoked.length > 0 ? { revoked: few(revoked.map((one) => one.vehicleId)) } : {}),
    ...(without ? { noPermit: vehicle.vehicleId } : {}),
    ...(isEntry(company) && company.registration === 'REVOKED' ? { company: company.companyId } : {}),
    ...(unregistered ? { notRegistered: companyId } : {}),
  }
  return {
    ...(Object.keys(evidence).length > 0 ? yes(evidence) : {}),
    ...(company === 'unknown' && needed ? unknown({ missing: 'company' }) : {}),
  }
}

/** A card that nobody has objects like an unknown tag (row 9): whoever shows it is not who it says. */
function notThisDriver(view: View): Finding {
  const { main, cargo } = view
  const { driver: who, seen, trip } = cargo
  if (seen.driverCard === null) return no
  if (who === null) return yes({ card: seen.driverCard })
  if (who === 'unknown') return whereNeeded(view, 'driver', unknown({ missing: 'driver' }))
  const vehicleId = main?.vehicle.vehicleId
  const strange = vehicleId !== undefined && !who.vehicleIds.includes(vehicleId)
  const other = isEntry(trip) && trip.driverId !== undefined && trip.driverId !== who.driverId
  const evidence = {
    ...(who.state === 'ACTIVE' ? {} : { state: who.state }),
    ...(strange ? { vehicle: vehicleId } : {}),
    ...(other ? { trip: trip.tripId } : {}),
  }
  return Object.keys(evidence).length > 0 ? yes({ driver: who.driverId, ...evidence }) : no
}
