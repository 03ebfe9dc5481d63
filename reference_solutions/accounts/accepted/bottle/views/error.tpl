% rebase("frame")
<p>Go <a href="/">back</a>.</p>
