% rebase("frame")
<form method="post" action="{{path}}">
<input type="hidden" name="token" value="{{visit["token"]}}">
<input name="username" value="{{name}}"> <input name="password" type="password">
<input type="submit" value="Go">
</form>
