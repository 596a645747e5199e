import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { LanekeeperError, messageOf } from '../base/error.js'
import type { ReaderBusConfig } from './config.js'
import { covers } from './topics.js'

interface User {
  readonly name: string
  readonly secretHash: Buffer
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** Who may use the bus, and for what. Everything that is not named is denied. */
export class Users {
  readonly #users: ReadonlyMap<string, User>

  private constructor(users: ReadonlyMap<string, User>) {
    this.#users = users
  }

  /** Reads the secrets; throws, with the remedy, for one that is missing, empty or open to others. */
  static async load(config: ReaderBusConfig): Promise<Users> {
    const users = new Map<string, User>()
    for (const { name, secretFile, publish, subscribe } of config.users) {
      const secretHash = hash(await readSecret(name, secretFile))
      users.set(name, { name, secretHash, publish, subscribe })
    }
    return new Users(users)
  }

  /** An unknown name takes as long as a wrong secret. */
  knows(name: string | undefined, secret: Buffer | undefined): boolean {
    const user = this.#users.get(name ?? '')
    const given = hash(secret ?? Buffer.alloc(0))
    return timingSafeEqual(given, user?.secretHash ?? hash('nobody')) && user !== undefined
  }

  mayPublish(name: string, topic: string): boolean {
    return this.#users.get(name)?.publish.some((allowed) => covers(allowed, topic)) ?? false
  }

  maySubscribe(name: string, filter: string): boolean {
    return this.#users.get(name)?.subscribe.some((allowed) => covers(allowed, filter)) ?? false
  }
}

function hash(secret: string | Buffer): Buffer {
  return createHash('sha256').update(secret).digest()
}

async function readSecret(name: string, file: string): Promise<string> {
  let mode: number
  let text: string
  try {
    mode = (await stat(file)).mode
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new LanekeeperError(
      'readerBus.noSecret',
      `The secret of ${name} cannot be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
  if ((mode & 0o077) !== 0)
    throw new LanekeeperError('readerBus.openSecret', `Others may read ${file}. Run: chmod 600 ${file}`)
  if (text.length < 12)
    throw new LanekeeperError('readerBus.weakSecret', `The secret in ${file} has fewer than 12 characters.`)
  return text
}
