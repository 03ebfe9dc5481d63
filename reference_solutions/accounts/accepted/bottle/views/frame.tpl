<!doctype html>
<html><head><title>Accounts</title></head><body>
% if visit and visit["name"]:
<p>{{visit["name"]}} <a href="/account">account</a></p>
<form method="post" action="/logout"><input type="hidden" name="token" value="{{visit["token"]}}"><input type="submit" value="Log out"></form>
% end
% if not visit or not visit["name"]:
<form method="post" action="/login"><input type="hidden" name="token" value="{{visit["token"] if visit else ""}}">
<input name="username" placeholder="Name"> <input name="password" type="password">
<button name="go" value="in">In</button></form>
% end
% if message:
<div role="alert">{{message}}</div>
% end
{{!base}}
</body></html>
