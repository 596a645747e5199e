import { InvalidArgumentError, type Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { idSchema } from '../messages/envelope.js'
import { judgeDelegation } from '../messages/trust/judge.js'
import { whole } from './arguments.js'
import { exitCodes } from './exit.js'
import { delegationIn, onlineProblems, onlineRoles } from './keys-files.js'
import { addKeysLift } from './keys-lift.js'
import { nextRoot, revokePerson, rotateOnline } from './keys-change.js'
import { dayMs, delegate, initKeys, makePersonKey, personsIn, trustIn, type KeysAsked } from './keys-make.js'
import { passphrase } from './keys-passphrase.js'
import { told, translated } from './spoken.js'

/** What every change of the records asks for: nothing counts before the gateway has it. */
const toGateway = told`copy the new files of records/ to the gateway`

interface Common {
  readonly dir: string
  readonly offline: readonly string[]
  readonly days: number
}

/** Keys and records that make lists believable (edge/messages/trust): made and signed here, away from the gateway. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description(
      'Make, replace and revoke the keys that control lists are signed with. Keys are never printed.',
    )
  common(
    keys
      .command('init')
      .description('Make root, delegation and online keys of a site, and its first records.')
      .requiredOption('--site <site>', 'as the configurations name it', site)
      .option('--root-keys <number>', 'keys of the root role, each for another person', whole(1), 3)
      .option('--root-threshold <number>', 'so many of them sign a new root', whole(1), 2)
      .option('--root-days <number>', 'the first root ends after so many days', whole(1), 3_650),
    100,
  ).action(
    (options: Common & { site: string; rootKeys: number; rootThreshold: number; rootDays: number }) => {
      print({
        written: initKeys({ ...asked(options), ...options }),
        next: told`carry offline/ away, give online/ and records/ to the gateway; boxes get the root when they enrol`,
      })
    },
  )
  keys
    .command('person')
    .description(
      "Make a person's key for lifting holds, sealed by a passphrase; `delegate` puts it in force.",
    )
    .argument('<person>', 'the name that the person signs in with', site)
    .requiredOption('--dir <folder>', 'folder of the keys')
    .option('--passphrase-file <file>', 'one line, mode 0600; absent: standard input')
    .action(makePerson)
  common(
    keys
      .command('delegate')
      .description('Sign the next delegation: online keys and persons as they lie in the folder.'),
    100,
  ).action((options: Common) => {
    print({ written: [delegate(asked(options))], next: toGateway })
  })
  addKeysLift(keys)
  changes(keys)
  looks(keys)
}

function changes(keys: Command): void {
  common(
    keys
      .command('rotate')
      .description(
        'Replace a key: snapshot, timestamp or hold, or a root or delegation key by the beginning of its id.',
      )
      .argument(
        '<which>',
        'snapshot, timestamp, hold, or a key id; `root` signs a new root with the same keys',
      ),
    100,
  )
    .option('--root-days <number>', 'a new root ends after so many days', whole(1), 3_650)
    .action((which: string, options: Common & { rootDays: number }) => {
      const role = onlineRoles.find((one) => one === which)
      const { rootDays } = options
      if (role)
        print({
          written: rotateOnline(asked(options), role),
          next: told`${toGateway}, at once after it online/${role}.key; the key in online/retired/ signs nothing any more`,
        })
      else if (which === 'root') print({ written: nextRoot(asked(options), { rootDays }), next: toGateway })
      else
        print({
          written: nextRoot(asked(options), { rootDays, goes: keyIdStart(which), replace: true }),
          next: told`carry the new key in offline/ away; ${toGateway}`,
        })
    })
  common(
    keys
      .command('revoke')
      .description(
        'Take a person out of the delegation, or a key out of the root. Online keys are rotated instead.',
      )
      .argument('<who>', 'a person, or the beginning of a key id of the root'),
    100,
  )
    .option('--root-days <number>', 'a new root ends after so many days', whole(1), 3_650)
    .action((who: string, options: Common & { rootDays: number }) => {
      const written = revokePerson(asked(options), who)
      if (written !== null)
        print({
          written,
          next: told`${toGateway}, and take persons/${who}.json away there; lifts that ${who} signed and that an edge still needs stand as the fault gateway.liftNotProven: two others lift those again`,
        })
      else
        print({
          written: nextRoot(asked(options), { rootDays: options.rootDays, goes: keyIdStart(who) }),
          next: toGateway,
        })
    })
}

function looks(keys: Command): void {
  keys
    .command('show')
    .description('Roles, keys (public halves), persons and ends of the newest records.')
    .requiredOption('--dir <folder>', 'folder of the keys')
    .action(({ dir }: { dir: string }) => {
      const root = trustIn(dir).root.signed
      const delegation = delegationIn(dir)?.signed
      print({
        site: root.site,
        root: { version: root.version, endsAt: iso(root.expiresAt), roles: root.roles },
        delegation: delegation && {
          version: delegation.version,
          endsAt: iso(delegation.expiresAt),
          roles: delegation.roles,
          persons: delegation.roles.lift.keyIds.map((keyId) => ({
            keyId,
            person: delegation.keys[keyId]?.person,
          })),
        },
        notYetDelegated: personsIn(dir)
          .filter(
            ({ publicKey }) =>
              !Object.values(delegation?.keys ?? {}).some((key) => key.publicKey === publicKey),
          )
          .map(({ person }) => person),
      })
    })
  keys
    .command('verify')
    .description(
      'Check the chain of records as an edge does that was given root.1.json, and the online keys where they are there; exit 1 when it does not hold.',
    )
    .requiredOption('--dir <folder>', 'folder of the keys, or one that holds records/')
    .option('--warn-days <number>', 'say when a record ends within so many days', whole(1), 30)
    .action(({ dir, warnDays }: { dir: string; warnDays: number }) => {
      verify(dir, warnDays * dayMs, systemClock.now().wallMs)
    })
}

function verify(dir: string, warnMs: number, nowMs: number): void {
  const state = trustIn(dir)
  const delegation = delegationIn(dir)
  const step = delegation ? judgeDelegation(state, delegation, nowMs) : null
  const ends = [state.root.signed, ...(delegation ? [delegation.signed] : [])]
  const problems = [
    ...(step && !step.ok
      ? [told`delegation: ${translated(step.refusal.detail)} (${step.refusal.reason})`]
      : []),
    ...(step ? [] : [told`there is no delegation: \`lanekeeper keys delegate\``]),
    ...(delegation ? onlineProblems(dir, delegation.signed) : []),
    ...ends
      .filter(({ expiresAt }) => expiresAt < nowMs)
      .map(({ type }) => told`the ${type} has ended: sign the next one`),
  ]
  const soon = ends
    .filter(({ expiresAt }) => expiresAt >= nowMs && expiresAt - nowMs < warnMs)
    .map(({ type, expiresAt }) => told`the ${type} ends ${iso(expiresAt)}: sign the next one`)
  print({
    root: state.root.signed.version,
    delegation: delegation?.signed.version ?? null,
    holds: problems.length === 0,
    problems,
    soon,
  })
  if (problems.length > 0) process.exitCode = exitCodes.failed
}

function makePerson(person: string, { dir, passphraseFile }: { dir: string; passphraseFile?: string }): void {
  const file = makePersonKey(dir, person, () => passphrase(person, passphraseFile, true))
  print({
    written: [file],
    next: told`sign the next delegation (lanekeeper keys delegate); then ${toGateway}`,
  })
}

function common(command: Command, days: number): Command {
  const list = (value: string, before: readonly string[]) => [...before, value]
  return command
    .requiredOption('--dir <folder>', 'folder of the keys')
    .option('--offline <folder>', 'another folder with root or delegation keys; may be given again', list, [])
    .option('--days <number>', 'a new delegation ends after so many days', whole(1), days)
}

function asked({ dir, offline, days }: Common): KeysAsked {
  return { dir, offline, days, nowMs: systemClock.now().wallMs }
}

function site(text: string): string {
  if (!idSchema.safeParse(text).success)
    throw new InvalidArgumentError('one to 64 letters, digits, dots, dashes or underscores')
  return text
}

function keyIdStart(text: string): string {
  if (/^[0-9a-f]{8,64}$/.test(text)) return text
  throw new LanekeeperError(
    'keys.which',
    `${text} is no person here, no role, and not 8 or more characters of a key id`,
  )
}

const iso = (atMs: number): string => new Date(atMs).toISOString()

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
