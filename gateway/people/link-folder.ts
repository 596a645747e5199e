import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { sleep, type Cancel, type Clock } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { writeOwned } from '../authority/files.js'
import { Refusal } from '../desk/refusal.js'

/** What the command line asks of the running gateway. The token itself never lies in the folder. */
const requestSchema = z.strictObject({
  person: z.string().min(1).max(64),
  /** SHA-256 of the token, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Who asks: the user of the machine. */
  by: z.string().min(1).max(64),
})

const answerSchema = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('made'),
    person: z.string(),
    /** Where people reach the console, without a trailing slash. */
    origin: z.string(),
    expiresAt: z.number(),
    /** True: this person has a passphrase, and will be told of the link. */
    hasPassphrase: z.boolean(),
  }),
  z.strictObject({ is: z.literal('refused'), why: z.string() }),
])
type Answer = z.infer<typeof answerSchema>

type LinkRequest = z.infer<typeof requestSchema>

const lookEveryMs = 500
const requestsAtOnceMax = 16
const answersMax = 64

function linkFolder(dataDir: string): string {
  return path.join(dataDir, 'links')
}

export interface LinkFolderGiven {
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Logger
  readonly origin: () => string
  /** Throws `Refusal` where there is no such person. */
  readonly add: (
    request: LinkRequest,
  ) => Promise<{ readonly person: string; readonly expiresAt: number; readonly hasPassphrase: boolean }>
}

/**
 * Takes requests for sign-in links from a folder that only the gateway's own user and root may write to: that is
 * what gives them their right. What lies there from before its start is dropped: nobody waits for it any more.
 */
export class LinkFolder {
  readonly #given: LinkFolderGiven
  readonly #folder: string
  #cancel: Cancel | null = null
  #looking: Promise<void> = Promise.resolve()
  #isClosed = false
  #trouble = ''

  private constructor(given: LinkFolderGiven) {
    this.#given = given
    this.#folder = linkFolder(given.dataDir)
  }

  static open(given: LinkFolderGiven): LinkFolder {
    const links = new LinkFolder(given)
    mkdirSync(links.#folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(links.#folder)) rmSync(path.join(links.#folder, name), { force: true })
    return links
  }

  /** Looks twice a second from now on. */
  start(): void {
    this.#again()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#looking
  }

  #again(): void {
    if (this.#isClosed) return
    this.#cancel = this.#given.clock.after('links', lookEveryMs, () => {
      this.#looking = this.#look()
        .then(
          () => '',
          (error: unknown) => messageOf(error),
        )
        .then((trouble) => {
          // Once, and not every half second while it lasts.
          if (trouble !== '' && trouble !== this.#trouble)
            this.#given.log.error({ error: trouble }, 'requests for sign-in links cannot be taken')
          this.#trouble = trouble
          this.#again()
        })
    })
  }

  async #look(): Promise<void> {
    const names = readdirSync(this.#folder)
    const answers = names.filter((name) => name.endsWith('.answer'))
    // Of commands that were ended before they read them.
    for (const name of answers.slice(0, Math.max(0, answers.length - answersMax)))
      rmSync(path.join(this.#folder, name), { force: true })
    const requests = names.filter((name) => name.endsWith('.json'))
    for (const name of requests.slice(0, requestsAtOnceMax)) {
      const file = path.join(this.#folder, name)
      const answer = await this.#answerOf(file)
      rmSync(file, { force: true })
      writeOwned(file.replace(/\.json$/, '.answer'), JSON.stringify(answer))
    }
  }

  async #answerOf(file: string): Promise<Answer> {
    const { add, origin, log } = this.#given
    try {
      const request = requestSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      const { person, expiresAt, hasPassphrase } = await add(request)
      return { is: 'made', person, origin: origin(), expiresAt, hasPassphrase }
    } catch (error) {
      if (error instanceof Refusal) return { is: 'refused', why: error.message }
      log.error({ error: messageOf(error).slice(0, 300) }, 'request for a sign-in link failed')
      return { is: 'refused', why: 'the gateway failed; its log says why' }
    }
  }
}

export interface AskedLink {
  readonly link: string
  readonly person: string
  readonly expiresAt: number
  readonly hasPassphrase: boolean
}

/**
 * Asks the gateway that runs on this folder for a link. Throws `gateway.linkFolder` where one may not write there,
 * `gateway.notRunning` without an answer in `withinMs`, `gateway.linkRefused` with the gateway's reason.
 */
export async function askForLink(
  dataDir: string,
  asked: { readonly person: string; readonly by: string },
  clock: Clock,
  withinMs = 10_000,
): Promise<AskedLink> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest('hex')
  const file = path.join(linkFolder(dataDir), `${randomUUID()}.json`)
  try {
    writeOwned(file, JSON.stringify({ ...asked, hash } satisfies LinkRequest))
  } catch (error) {
    throw new LanekeeperError(
      'gateway.linkFolder',
      `${path.dirname(file)} cannot be written (${messageOf(error)}): start the gateway once, and run this as its own user or as root.`,
    )
  }
  const answerFile = file.replace(/\.json$/, '.answer')
  const endMs = clock.now().monoMs + withinMs
  while (clock.now().monoMs < endMs) {
    await sleep(clock, 'a link', 100)
    const answer = readAnswer(answerFile)
    if (answer === null) continue
    rmSync(answerFile, { force: true })
    if (answer.is === 'refused') throw new LanekeeperError('gateway.linkRefused', answer.why)
    const { origin, person, expiresAt, hasPassphrase } = answer
    return { link: `${origin}/login?token=${token}`, person, expiresAt, hasPassphrase }
  }
  rmSync(file, { force: true })
  throw new LanekeeperError(
    'gateway.notRunning',
    `no gateway answers in ${dataDir}: is it running, with this configuration?`,
  )
}

function readAnswer(file: string): Answer | null {
  try {
    return answerSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
