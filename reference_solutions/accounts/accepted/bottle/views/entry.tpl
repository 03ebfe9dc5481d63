% rebase("frame")
<form method="post" action="{{path}}">
<input type="hidden" name="token" value="{{visit["token"]}}">
<input name="username" value="{{name}}"> <input name="password" type="password">
<button name="stop" value="1" formaction="/" formmethod="get" type="button">Stop</button>
<input type="submit" name="go" value="Go">
</form>
