import { useEffect, useState } from 'preact/hooks'
import { viewOf, type View } from './views.js'

/** The page that the address names, followed as it changes, so that the browser's way back works. */
export function useView(): View {
  const [view, setView] = useState(() => viewOf(location.hash))
  useEffect(() => {
    const follow = () => setView(viewOf(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  useEffect(() => {
    // A link to a lane was followed from another page: the lane was not there yet when the browser looked for it.
    if (view === 'lanes' && location.hash.length > 1)
      document.getElementById(decodeURI(location.hash.slice(1)))?.scrollIntoView()
  }, [view])
  return view
}
