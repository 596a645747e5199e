import type { BlacklistEntry, ControlOrder, VehicleEntry } from '../../messages/entities.js'
import { isEffective } from '../lists/control.js'
import type { CargoFacts, Fact } from './cargo.js'
import { line, state, word, type FactSource, type Line, type Said } from './explanation.js'
import type { DecisionInputs } from './types.js'

/** What the lists said, each with the list, its version and age at the decision. */
export function factLines(inputs: DecisionInputs): Line[] {
  const { facts } = inputs
  const of = sources(inputs)
  return [
    ...eachOf(facts.tags, of('tags'), (tag) =>
      line('explain.tagEntry', { epc: tag.epc, state: state('tag', tag.state), vehicle: tag.vehicleId }),
    ),
    ...eachOf(facts.plates, of('vehicles'), (vehicle, plate) => line('explain.plateOf', { plate, vehicle })),
    ...eachOf(facts.vehicles, of('vehicles'), vehicleLine),
    ...orderLines(inputs, of('orders')),
    ...blacklistLines(inputs, of('blacklist')),
    ...(facts.cargo === undefined
      ? []
      : [...personLines(facts.cargo, of), ...loadLines(inputs, facts.cargo, of)]),
  ]
}

type SourceOf = (list: string) => FactSource

function sources({ lists }: DecisionInputs): SourceOf {
  return (list) => {
    const used = lists.find((one) => one.list === list)
    return { list, version: used?.version ?? null, ageMs: used?.ageMs ?? null }
  }
}

/** There, not there, or not to be told: each is worth a sentence. */
function oneOf<T>(key: string, fact: Fact<T>, from: FactSource, say: (entry: T, key: string) => Line): Line {
  const list = word('list', from.list)
  if (fact === 'unknown') return { ...line('explain.notTold', { key, list }), from }
  if (fact === null) return { ...line('explain.notThere', { key, list }), from }
  return { ...say(fact, key), from }
}

function eachOf<T>(
  facts: Readonly<Record<string, Fact<T>>>,
  from: FactSource,
  say: (entry: T, key: string) => Line,
): Line[] {
  return Object.entries(facts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, fact]) => oneOf(key, fact, from, say))
}

function vehicleLine({ vehicleId, vehicleKind, plates, companyId, permit }: VehicleEntry): Line {
  return line('explain.vehicle', {
    vehicle: vehicleId,
    kind: state('vehicle', vehicleKind),
    plates: { list: plates.map((plate) => plate.text) },
    company: companyId ?? '–',
    permit: state('permit', permit ?? 'none'),
  })
}

function inForce(entry: ControlOrder | BlacklistEntry, { now }: DecisionInputs): Said {
  const { lift } = entry
  if (lift) return line('explain.lifted', { at: { at: lift.at }, reason: state('liftReason', lift.reason) })
  return line(isEffective(entry, now) ? 'explain.inForce' : 'explain.notInForce')
}

function orderLines(inputs: DecisionInputs, from: FactSource): Line[] {
  const { orders } = inputs.facts
  if (orders === 'unknown') return [notTold(from)]
  if (orders.length === 0) return [{ ...line('explain.noOrders'), from }]
  const { ordersLeftOut = 0 } = inputs.facts
  const more = ordersLeftOut === 0 ? [] : [{ ...line('explain.moreOrders', { count: ordersLeftOut }), from }]
  return [
    ...more,
    ...byKey(orders, (order) => order.orderId).map((order) => ({
      ...line('explain.order', {
        order: order.orderId,
        agency: state('agency', order.agency),
        nature: state('nature', order.nature),
        action: state('action', order.action),
        kind: state('subject', order.subject.kind),
        key: order.subject.key,
        inForce: inForce(order, inputs),
      }),
      from,
    })),
  ]
}

function blacklistLines(inputs: DecisionInputs, from: FactSource): Line[] {
  const { blacklist } = inputs.facts
  if (blacklist === 'unknown') return [notTold(from)]
  if (blacklist.length === 0) return [{ ...line('explain.noBlacklist'), from }]
  return byKey(blacklist, (entry) => entry.entryId).map((entry) => ({
    ...line('explain.blacklist', {
      entry: entry.entryId,
      agency: state('agency', entry.agency),
      level: state('level', entry.level),
      kind: state('subject', entry.subject.kind),
      key: entry.subject.key,
      inForce: inForce(entry, inputs),
    }),
    from,
  }))
}

function notTold(from: FactSource): Line {
  const list = word('list', from.list)
  return { ...line('explain.notTold', { key: list, list }), from }
}

function byKey<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function personLines(facts: CargoFacts, of: SourceOf): Line[] {
  return [
    ...eachOf(facts.drivers, of('drivers'), (driver) =>
      line('explain.driver', {
        driver: driver.driverId,
        state: state('driver', driver.state),
        vehicles: { list: driver.vehicleIds },
        sick: state('is', driver.declaredSick),
      }),
    ),
    ...eachOf(facts.companies, of('companies'), (company) =>
      line('explain.company', {
        company: company.companyId,
        class: company.managedClass,
        registration: state('permit', company.registration),
      }),
    ),
    ...(typeof facts.police === 'string' && facts.police !== 'unknown'
      ? [line('explain.police', { is: state('police', facts.police) })]
      : []),
    ...(facts.account === 'unknown' || facts.account === null
      ? []
      : [
          oneOf(facts.account.companyId, facts.account, of('accounts'), (account) =>
            line('explain.account', {
              company: account.companyId,
              yuan: account.balanceFen / 100,
              debit: state('debit', account.debit),
              arrears: account.arrearsFen / 100,
            }),
          ),
        ]),
  ]
}

function loadLines({ now, facts: { vehicles } }: DecisionInputs, facts: CargoFacts, of: SourceOf): Line[] {
  const whose = Object.keys(vehicles).sort().join(',') || '–'
  return [
    ...tripLines(whose, facts, of),
    ...eachOf(facts.declarations, of('declarations'), (declaration) =>
      line('explain.declaration', {
        no: declaration.declarationNo,
        agency: state('agency', declaration.agency),
        state: state('declaration', declaration.state),
        ruling: state('ruling', declaration.ruling ?? 'none'),
        result: state('result', declaration.result ?? 'none'),
        treated: state('is', declaration.treatmentDone),
      }),
    ),
    ...(facts.manifest === null || facts.manifest === 'unknown'
      ? []
      : [
          oneOf(facts.manifest.manifestNo, facts.manifest, of('manifests'), (manifest) =>
            line('explain.manifest', {
              no: manifest.manifestNo,
              age: { ms: now.wallMs - manifest.sentAt },
              lines: manifest.lines.length,
            }),
          ),
        ]),
    ...eachOf(facts.containers, of('containers'), (container) =>
      line('explain.container', {
        number: container.number,
        lock: state('lock', container.lock),
        area: container.originArea ?? '–',
      }),
    ),
    ...leaveLines(facts, of),
    ...eachOf(facts.seals, of('seals'), (seal) =>
      line('explain.seal', {
        seal: seal.sealId,
        container: seal.container,
        state: state('seal', seal.state),
      }),
    ),
    ...eachOf(facts.fitness, of('fitness'), (fitness) =>
      line('explain.fitness', {
        no: fitness.certificateNo,
        container: fitness.container,
        until: { at: fitness.validTo },
        used: state('is', fitness.used),
      }),
    ),
  ]
}

function tripLines(whose: string, { trip, draw }: CargoFacts, of: SourceOf): Line[] {
  const lines = [
    oneOf(whose, trip, of('trips'), (entry) =>
      line('explain.trip', {
        trip: entry.tripId,
        vehicle: entry.vehicleId,
        direction: word('direction', entry.direction),
        load: state('load', entry.load),
        containers: { list: entry.containers },
        declarations: { list: entry.declarationNos },
        seals: { list: entry.sealIds },
        kg: entry.expectedGrossKg === undefined ? '–' : line('explain.kg', { n: entry.expectedGrossKg }),
      }),
    ),
  ]
  if (trip !== null && trip !== 'unknown' && trip.crossedAt !== undefined)
    lines.push(line('explain.crossed', { trip: trip.tripId, at: { at: trip.crossedAt } }))
  if (draw !== null && draw !== 'unknown') {
    const key = draw.selected ? 'explain.drawn' : 'explain.notDrawn'
    lines.push({ ...line(key, { draw: draw.drawId }), from: of('draws') })
    if (draw.result !== undefined)
      lines.push({
        ...line('explain.drawResult', { result: state('result', draw.result) }),
        from: of('draws'),
      })
  }
  return lines
}

/** What gives leave to go: releases, customs, terminal; and the areas that ask for something. */
function leaveLines({ releases, customs, terminalOrders, areas }: CargoFacts, of: SourceOf): Line[] {
  return [
    ...(releases === 'unknown'
      ? [notTold(of('releases'))]
      : releases.length === 0
        ? [{ ...line('explain.noReleases'), from: of('releases') }]
        : byKey(releases, (release) => release.releaseId).map((release) => ({
            ...line('explain.release', {
              release: release.releaseId,
              agency: state('agency', release.agency),
              kind: state('subject', release.subject.kind),
              key: release.subject.key,
              state: state('release', release.state),
              uses: release.usesLeft,
            }),
            from: of('releases'),
          }))),
    ...(customs === null
      ? []
      : [
          customs.is === 'answered'
            ? line('explain.customs', { is: state('customs', customs.result) })
            : line('explain.customsWaits', { tries: customs.tries, waited: { ms: customs.forMs } }),
        ]),
    ...eachOf(terminalOrders, of('terminalOrders'), (order) =>
      line('explain.terminalOrder', {
        order: order.orderNo,
        container: order.container,
        direction: word('direction', order.direction),
        state: state('terminalOrder', order.state),
        paid: state('is', order.paid),
      }),
    ),
    ...(areas === 'unknown'
      ? [notTold(of('areas'))]
      : areas.length === 0
        ? [{ ...line('explain.noAreas'), from: of('areas') }]
        : byKey(areas, (area) => area.areaId).map((area) => ({
            ...line('explain.area', { code: area.areaCode, measure: state('measure', area.measure) }),
            from: of('areas'),
          }))),
  ]
}
