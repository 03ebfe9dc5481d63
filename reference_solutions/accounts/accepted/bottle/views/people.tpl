% rebase("frame")
% for one in people:
<p>{{one["name"]}}</p>
% if one["role"] == "user":
<form method="post" action="/admin/users/{{one["name"]}}/delete">
<input type="hidden" name="token" value="{{visit["token"]}}"><input type="submit" value="Delete">
</form>
% end
% end
