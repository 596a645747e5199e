import type { Command } from 'commander'
import type { Bench, BenchOptions } from '../bench/types.js'
import { whole } from './arguments.js'
import { exitCodes } from './exit.js'

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('Measure one thing beside its floor; without a name, list what can be measured.')
    .argument('[name]', 'which bench')
    .option('--lanes <number>', 'lane: lanes of the edge, 1 to 8', whole(1))
    .option('--passages <number>', 'lane: passages to measure', whole(1))
    .option('--reads <number>', 'lane: reads a second a lane', whole(1))
    .option('--edges <number>', 'propagation: edges that an order goes to', whole(1))
    .option('--entries <number>', 'lane, lists: entries over all lists', whole(1))
    .option('--seconds <number>', 'the small ones: how long each part is measured', whole(1))
    .option('--dir <folder>', 'where to write, so that the disk that counts is measured')
    .option('--keep', 'leave what was written, records and logs')
    .option(
      '--profile <folder>',
      "lane, ingest: leave a CPU profile of the edge's or the gateway's process there",
    )
    .action(async (name: string | undefined, options: BenchOptions) => {
      // Loaded only here: what the benches need would make every other command slow to start.
      const { benches } = await import('../bench/index.js')
      const bench = name === undefined ? undefined : benches[name]
      if (!bench) {
        list(benches, name)
        return
      }
      const figures = await bench.run(options, (line) => process.stdout.write(`${line}\n`))
      process.stdout.write(`${JSON.stringify(figures)}\n`)
    })
}

function list(benches: Readonly<Record<string, Bench>>, unknown: string | undefined): void {
  const width = Math.max(...Object.keys(benches).map((name) => name.length))
  const lines = Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`)
  const text = `${lines.join('\n')}\n`
  if (unknown === undefined) {
    process.stdout.write(text)
    return
  }
  process.stderr.write(`There is no bench "${unknown}". There are:\n${text}`)
  process.exitCode = exitCodes.usage
}
