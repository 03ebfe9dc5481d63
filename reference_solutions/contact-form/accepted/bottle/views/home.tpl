% rebase("frame.tpl")
<a href=/contact>Contact</a>
