import { createHash, createHmac } from 'node:crypto'
import { codeVersion } from '../../edge/domain/decision/ruleset.js'
import { rulesetName, underRuleset } from '../../edge/domain/decision/ruleset-data.js'
import { parseDecidedBody, redecide } from '../../edge/domain/decision/replay.js'
import { ShadowReporter } from '../../edge/domain/decision/shadow-report.js'
import type { LaneSettings } from '../../edge/domain/lane/types.js'
import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import { rulesetContentSchema } from '../../edge/messages/ruleset.js'
import { commitmentOf, defaultDrawRates, drawOf, type DaySeed } from '../../gateway/domain/draw.js'
import type { Findable } from '../scenario/conditions.js'
import type { GivenRuleset } from '../scenario/world.js'
import { valueAt } from '../scenario/match.js'
import type { Site } from './site.js'

/** What the gateway shows of a day's seed: the hash at once, the seed when the day is over. */
interface Published {
  readonly commitment: string
  readonly secret: DaySeed
}

/** The gateway's back office in virtual time: random draws, fees, reports, and whoever checks them afterwards. */
export class Office {
  readonly #site: Site
  readonly #seed: number
  readonly #days = new Map<string, Published>()

  constructor(site: Site, seed: number) {
    this.#site = site
    this.#seed = seed
  }

  /** Draws every laden trip that has no draw yet; what is drawn stands, whatever is entered later. */
  drawTrips(): void {
    const { publisher } = this.#site
    for (const entry of publisher.entries('trips')) {
      if (entry.kind !== 'trip' || entry.load !== 'L' || publisher.newest('draws', entry.tripId)) continue
      this.#site.put(drawOf(this.#today(), this.#drawOn(entry), defaultDrawRates))
    }
  }

  /** The ruleset is in force from the next start of the edge on, which is now. */
  activate({ ruleset, version, policy }: GivenRuleset): void {
    const content = rulesetContentSchema.parse({
      ...{ v: 1, id: ruleset, version, codeVersion, issuedAt: 0 },
      policy: { site: policy },
    })
    const under = (settings: LaneSettings): LaneSettings => {
      const { policy: decision, profile } = underRuleset(
        settings.id,
        { policy: settings.decision, profile: settings.profile },
        content,
      )
      return { ...settings, decision, profile }
    }
    this.#site.killEdge()
    this.#site.edge.activate(this.#site.settings.map(under), rulesetName(content))
    this.#site.startEdge()
  }

  found(of: Findable, key: string): object {
    switch (of) {
      case 'fees': {
        const items = this.#site.followUps.fees.filter((fee) => fee.feeKey === key)
        return { count: items.length, totalFen: items.reduce((sum, fee) => sum + fee.amountFen, 0) }
      }
      case 'shadowReport': {
        const reporter = new ShadowReporter()
        for (const event of this.#site.gateway.stored) if (event) reporter.take(event)
        const report = reporter.report()
        return { ...report, days: ((report.to ?? 0) - (report.from ?? 0)) / 86_400_000 }
      }
      case 'draw':
        return this.#checked(key)
      case 'replay':
        return this.#replayed()
    }
  }

  /** Anybody's sum, by what was published and recorded alone (domain.md 6.4), not by the code that drew. */
  #checked(tripId: string): object {
    const rows = this.#site.edge.disk.rows.filter(
      ({ type, body }) => type === 'decided' && valueAt(body, 'inputs.facts.cargo.draw.tripId') === tripId,
    )
    const draws = rows.map(({ body }) => valueAt(body, 'inputs.facts.cargo.draw'))
    const drawIds = [...new Set(draws.map((draw) => String(valueAt(draw, 'drawId'))))]
    const day = drawIds[0]?.slice(0, 10) ?? ''
    const published = this.#days.get(day)
    const isRevealed = published !== undefined && day < dayOf(this.#site.wallMs())
    if (!published || !isRevealed) return { isRevealed, decisions: rows.length }
    const { seed } = published.secret
    const trip = this.#site.publisher.newest('trips', tripId)
    const subject = trip?.kind === 'trip' ? [...trip.declarationNos].sort().join('\n') : ''
    const mac = createHmac('sha256', seed)
      .update(subject || tripId)
      .digest('hex')
    return {
      isRevealed,
      decisions: rows.length,
      isCommitted: createHash('sha256').update(seed).digest('hex') === published.commitment,
      isSame: drawIds.length === 1 && drawIds[0] === `${day}-${mac.slice(0, 12)}`,
      selected: valueAt(draws[0], 'selected'),
    }
  }

  #replayed(): object {
    let differences = 0
    const rulesets: string[] = []
    for (const { type, body } of this.#site.edge.disk.rows) {
      if (type !== 'decided') continue
      // As a journal gives it back.
      const parsed = parseDecidedBody(JSON.parse(JSON.stringify(body)) as Record<string, unknown>)
      if (!parsed.ok || !redecide(parsed.value).same) differences += 1
      rulesets.push(String(valueAt(body, 'decision.rulesetVersion')))
    }
    return { decisions: rulesets.length, differences, rulesets: new Set(rulesets).size }
  }

  /** As `predecision` at the gateway puts it together, of the lists as they are. */
  #drawOn(trip: TripEntry) {
    const { publisher } = this.#site
    const vehicle = publisher.newest('vehicles', trip.vehicleId)
    const companyId = vehicle?.kind === 'vehicle' ? vehicle.companyId : undefined
    const company = companyId === undefined ? undefined : publisher.newest('companies', companyId)
    const goodsClasses = trip.declarationNos.flatMap((no) => {
      const entry = publisher.newest('declarations', no)
      return entry?.kind === 'declaration' ? [entry.goodsClass] : []
    })
    const names = [trip.vehicleId, companyId]
    const watched = publisher
      .entries('blacklist')
      .some((one) => one.kind === 'blacklist' && one.level === 'WATCH' && names.includes(one.subject.key))
    const managedClass = company?.kind === 'company' ? company.managedClass : null
    return { trip, managedClass, goodsClasses, watched }
  }

  #today(): DaySeed {
    const day = dayOf(this.#site.wallMs())
    const known = this.#days.get(day)
    if (known) return known.secret
    const secret = { day, seed: createHash('sha256').update(`${this.#seed} ${day}`).digest('hex') }
    this.#days.set(day, { commitment: commitmentOf(secret), secret })
    return secret
  }
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
