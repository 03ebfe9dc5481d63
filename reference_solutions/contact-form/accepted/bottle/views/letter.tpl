% rebase("frame.tpl")
<p>{{letter['sender']}} ({{letter['address']}}) on {{letter['label']}}</p>
<pre>
{{letter['words']}}</pre>
<form method=POST action="/messages/{{letter['id']}}/delete">
<input type=hidden name=csrf_token value={{token}}><button>Delete</button>
</form>
