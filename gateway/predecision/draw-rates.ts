import { z } from 'zod'
import { defaultDrawRates, drawnAgainShare } from '../domain/draw.js'

const share = (byDefault: number) => z.number().min(0).max(1).default(byDefault)

/** `predecision.drawRates` of the configuration. */
export const drawRatesSchema = z
  .strictObject({
    class1: share(defaultDrawRates.byClass[1]),
    class2: share(defaultDrawRates.byClass[2]),
    class3: share(defaultDrawRates.byClass[3]),
    otherwise: share(defaultDrawRates.otherwise).describe('No registered firm.'),
    watched: share(defaultDrawRates.watched).describe('On the blacklist, level WATCH.'),
    byGoods: z
      .record(z.string().min(1).max(64), z.number().min(0).max(1))
      .default({})
      .describe('By class of goods: raises the share, never lowers it.'),
    afterPass: share(drawnAgainShare).describe(
      'Of drawn trips that passed inspection, drawn once more. With 0 a hold after a PASS can only be a secret order, and everybody knows.',
    ),
  })
  .prefault({})
  .describe('Share of laden trips drawn for inspection, 0 to 1.')
