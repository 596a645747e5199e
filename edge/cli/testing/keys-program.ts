import { Command } from 'commander'
import { messageOf } from '../../base/error.js'
import { addKeys } from '../keys.js'

/** `lanekeeper keys` as a program of its own, from the sources: for tests at a terminal. */
const program = new Command()
addKeys(program)
try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
}
