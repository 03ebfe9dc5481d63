% rebase("frame")
<p>{{memo["words"]}}</p>
<form method="post" action="/notes/{{memo["id"]}}/delete">
<input type="hidden" name="token" value="{{visit["token"]}}"><input type="submit" value="Delete">
</form>
