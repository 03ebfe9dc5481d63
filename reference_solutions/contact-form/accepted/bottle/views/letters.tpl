% rebase("frame.tpl")
<ol>
% for one in letters:
<li><a href="/messages/{{one['id']}}">{{one['sender']}}: {{one['label']}}</a></li>
% end
</ol>
<form method=POST action=/logout><input type=hidden name=csrf_token value={{token}}><button>Leave</button></form>
