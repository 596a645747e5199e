import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { Sessions } from '../api/sessions.js'
import type { GatewayConfig } from '../config.js'
import type { Database } from '../store/database.js'
import { LinkFolder } from './link-folder.js'
import type { PassphraseCost } from './passphrase.js'
import { People } from './people.js'

/** The people of a configuration, and the folder through which the command line asks for their links. */
export async function openPeople(
  config: GatewayConfig,
  given: {
    readonly database: Database
    readonly clock: Clock
    readonly log: Logger
    readonly sessions: Sessions
    /** Where the console is; not asked for before the first request. */
    readonly url: () => string
    readonly passphraseCost?: PassphraseCost | undefined
  },
): Promise<{ readonly people: People; readonly links: LinkFolder }> {
  const { clock, log, url } = given
  // Without named people the operator is alone; with them he is one of them.
  const names = config.people.length > 0 ? config.people.map(({ name }) => name) : [config.operator]
  const people = await People.open({ ...given, names })
  const links = LinkFolder.open({
    ...{ dataDir: config.dataDir, clock, log },
    origin: url,
    add: (request) => people.addLink(request),
  })
  return { people, links }
}
