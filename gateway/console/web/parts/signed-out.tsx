import { textOf } from '../../../../edge/messages/text/catalogue.js'

/** Shown before anybody is known, so in both languages at once. */
export function SignedOut() {
  return (
    <main class="signed-out">
      <div class="signed-out-card">
        <img src="./icon.svg" alt="" width="56" height="56" />
        {(['zh-CN', 'en'] as const).map((language) => (
          <section key={language} lang={language}>
            <h1>{textOf('console.signedOutTitle', language)}</h1>
            <p>{textOf('console.signedOut', language)}</p>
          </section>
        ))}
      </div>
    </main>
  )
}
