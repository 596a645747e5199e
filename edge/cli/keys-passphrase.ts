import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { isatty } from 'node:tty'
import { LanekeeperError } from '../base/error.js'

const passphraseMaxBytes = 1_024
const controlC = 3
const backspaces = [8, 127]
const ends = [4, 10, 13]

/**
 * From a file of mode 0600, else typed at the terminal without being shown, else one line of standard input: never an
 * argument, which others see in the process list. `twice`: for a new one, which nobody could correct later.
 */
export function passphrase(person: string, file: string | undefined, twice: boolean): string {
  if (file !== undefined && (statSync(file).mode & 0o077) !== 0)
    throw new LanekeeperError(
      'keys.exposed',
      `${file} may be read by others: chmod 600 it, and take a new passphrase`,
    )
  if (file !== undefined || !isatty(0))
    return (
      readFileSync(file ?? 0, 'utf8')
        .split('\n')[0]
        ?.replace(/\r$/, '') ?? ''
    )
  const typed = typedAtTerminal(`Passphrase of ${person}, not shown as you type ${person}的口令（不显示）: `)
  if (twice && typedAtTerminal('Once more 再输入一次: ') !== typed)
    throw new LanekeeperError('keys.passphraseDiffers', 'the two were not the same; nothing was written')
  return typed
}

function typedAtTerminal(prompt: string): string {
  // Standard input does not wait once Node.js has taken it as a terminal; the same terminal opened anew does.
  const terminal = openSync('/dev/tty', 'r')
  // Before it asks, so that nothing of an answer is shown, however quickly it comes.
  process.stdin.setRawMode(true)
  try {
    process.stderr.write(prompt)
    return lineOf(terminal)
  } finally {
    process.stdin.setRawMode(false)
    process.stderr.write('\n')
    closeSync(terminal)
  }
}

/** What was typed up to Enter. In this mode the terminal itself neither corrects nor interrupts. */
function lineOf(terminal: number): string {
  const typed: number[] = []
  const one = Buffer.alloc(1)
  while (readSync(terminal, one) === 1) {
    const [byte = 0] = one
    if (byte === controlC) throw new LanekeeperError('keys.cancelled', 'nothing was written')
    if (ends.includes(byte)) break
    if (backspaces.includes(byte)) dropLast(typed)
    else if (typed.length < passphraseMaxBytes) typed.push(byte)
  }
  return Buffer.from(typed).toString('utf8')
}

/** A character may be several bytes in UTF-8; all but the first begin with the bits 10. */
function dropLast(typed: number[]): void {
  while (((typed.pop() ?? 0) & 0xc0) === 0x80);
}
